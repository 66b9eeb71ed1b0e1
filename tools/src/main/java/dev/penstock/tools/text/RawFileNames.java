package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Names of files as bytes. The JDK converts a string to a name by the locale, which turns the name of one file into
 * that of another; only a file's URI passes bytes through as they are.
 */
public final class RawFileNames {

    private static final Path ROOT = Path.of("/");

    private RawFileNames() {}

    /** Returns the path whose name is the bytes of the text, whatever the locale; see {@link ByteText}. */
    public static Path path(String text) {
        if (text.chars().allMatch(each -> each < 0x80)) {
            return Path.of(text);
        }
        StringBuilder uri = new StringBuilder("file:///");
        byte before = '/';
        for (byte each : ByteText.bytes(text)) {
            // The JDK does not clean a name that comes as a URI.
            if (each != '/' || before != '/') {
                uri.append(each == '/' ? "/" : "%" + HexFormat.of().toHexDigits(each));
            }
            before = each;
        }
        Path absolute = Path.of(URI.create(uri.toString()));
        return text.startsWith("/") ? absolute : ROOT.relativize(absolute);
    }

    /** Returns the bytes of an absolute path, without a slash at its end. */
    public static byte[] bytes(Path absolute) {
        String escaped = absolute.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        for (int at = 0; at < escaped.length(); at++) {
            if (escaped.charAt(at) == '%') {
                bytes.write(HexFormat.fromHexDigits(escaped, at + 1, at + 3));
                at += 2;
            } else {
                bytes.write(escaped.charAt(at));
            }
        }
        byte[] name = bytes.toByteArray();
        // The URI of a folder ends in a slash.
        return name.length > 1 && name[name.length - 1] == '/' ? Arrays.copyOf(name, name.length - 1) : name;
    }

    /**
     * Returns the path of a store's directory, which the store passes on as text.
     *
     * @throws ToolException if it is not the same in UTF-8
     */
    public static Path checkedDirectory(Path path) {
        Path absolute = path.toAbsolutePath();
        if (!Arrays.equals(bytes(absolute), absolute.toString().getBytes(UTF_8))) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "the directory '" + text(absolute)
                            + "' cannot be used: its name is not UTF-8, or the locale is not; "
                            + "give it another name, or call the launcher 'penstock'");
        }
        return path;
    }

    /**
     * Checks that a file is there.
     *
     * @throws NoSuchFileException if it is not
     * @throws AccessDeniedException if this process may not read it, or not look into its directory
     */
    public static void requireReadable(Path file) throws IOException {
        try {
            file.getFileSystem().provider().checkAccess(file, AccessMode.READ);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(text(file.toAbsolutePath()));
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(text(file.toAbsolutePath()));
        }
    }

    /** Returns an absolute path as {@link ByteText}. */
    public static String text(Path absolute) {
        return ByteText.of(bytes(absolute));
    }
}
