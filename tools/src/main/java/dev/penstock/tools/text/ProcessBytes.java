package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.MainClass;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line and the environment of this process as the bytes that they are. The JVM decodes both by the locale,
 * and puts U+FFFD in place of what it cannot decode: different words become the same one. The words are therefore read
 * from {@code /proc/self/cmdline} and {@code /proc/self/environ}. A word that is missing there is accepted only if the
 * JVM's decoding cannot have lost anything.
 */
public final class ProcessBytes {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");
    private static final char REPLACEMENT = '\uFFFD';

    private ProcessBytes() {}

    /**
     * Returns the arguments of {@code main} as they were typed, as {@link ByteText}.
     *
     * @throws ToolException if the bytes of one cannot be recovered
     */
    public static String[] arguments(String... decoded) {
        return arguments(content(COMMAND_LINE), charsetOfTheJvm(), decoded);
    }

    /** The same for a given command line, each of whose words ends in a zero byte; null if it cannot be read. */
    static String[] arguments(byte @Nullable [] commandLine, Charset jvm, String... decoded) {
        List<byte[]> words = commandLine == null ? List.of() : words(commandLine);
        int first = words.size() - decoded.length;
        boolean typed = isMain(words, first - 1);
        String[] arguments = new String[decoded.length];
        for (int i = 0; i < decoded.length; i++) {
            if (typed && asciiOf(words.get(first + i)).equals(asciiOf(decoded[i]))) {
                arguments[i] = ByteText.of(words.get(first + i));
            } else if (isFaithful(decoded[i], jvm)) {
                arguments[i] = decoded[i];
            } else {
                throw new ToolException(
                        ExitCode.USAGE,
                        "the bytes of argument " + (i + 1) + " ('" + decoded[i]
                                + "') cannot be recovered: the locale is not UTF-8, or the argument is not; call"
                                + " the launcher 'penstock', or give the argument on the command line and not in a file"
                                + " of arguments of the JVM");
            }
        }
        return arguments;
    }

    /**
     * Returns a variable of the environment as {@link ByteText}; null if it is not set.
     *
     * @throws ToolException if its bytes cannot be recovered
     */
    public static @Nullable String variable(String name) {
        String decoded = System.getenv(name);
        byte[] environment = content(ENVIRONMENT);
        return decoded == null ? null : variable(name, decoded, environment, charsetOfTheJvm());
    }

    /** The same for a given environment, each of whose variables ends in a zero byte; null if it cannot be read. */
    static String variable(String name, String decoded, byte @Nullable [] environment, Charset jvm) {
        byte[] start = (name + "=").getBytes(UTF_8);
        for (byte[] word : environment == null ? List.<byte[]>of() : words(environment)) {
            if (word.length >= start.length && Arrays.equals(word, 0, start.length, start, 0, start.length)) {
                return ByteText.of(Arrays.copyOfRange(word, start.length, word.length));
            }
        }
        if (!isFaithful(decoded, jvm)) {
            throw new ToolException(
                    ExitCode.USAGE, "the bytes of the environment variable " + name + " cannot be recovered");
        }
        return decoded;
    }

    /**
     * Whether the word is what the JVM took for this program, so that the arguments begin behind it. It is not where a
     * file of arguments (java @FILE) names the program.
     */
    private static boolean isMain(List<byte[]> words, int index) {
        if (index < 1) {
            return false;
        }
        String name = MainClass.NAME;
        String word = ByteText.of(words.get(index));
        return word.equals(name)
                || word.endsWith("/" + name)
                || ByteText.of(words.get(index - 1)).equals("-jar");
    }

    /** Whether the JVM's decoding can have lost nothing. */
    private static boolean isFaithful(String decoded, Charset jvm) {
        return decoded.indexOf(REPLACEMENT) < 0
                && (jvm.equals(UTF_8) || decoded.chars().allMatch(each -> each < 0x80 && each != '?'));
    }

    private static String asciiOf(byte[] word) {
        return asciiOf(new String(word, US_ASCII));
    }

    /** What every locale leaves alone. */
    private static String asciiOf(String word) {
        return word.replaceAll("[^\\p{ASCII}]+|\\?+", "");
    }

    private static List<byte[]> words(byte[] content) {
        List<byte[]> words = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < content.length; at++) {
            if (content[at] == 0) {
                words.add(Arrays.copyOfRange(content, from, at));
                from = at + 1;
            }
        }
        return words;
    }

    private static byte @Nullable [] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException noProc) {
            return null; // it is not Linux, or /proc is not mounted
        }
    }

    private static Charset charsetOfTheJvm() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", ""));
        } catch (IllegalArgumentException unknown) {
            return US_ASCII;
        }
    }
}
