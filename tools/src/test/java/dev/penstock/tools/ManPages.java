package dev.penstock.tools;

import dev.penstock.tools.command.RootCommand;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Failures;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the manual of every command as AsciiDoc, from the model that the help is printed from. */
final class ManPages {

    private ManPages() {}

    /**
     * For packaging/assemble.
     *
     * @param arguments the folder to write to, which is created
     */
    public static void main(String[] arguments) throws IOException {
        write(Files.createDirectories(Path.of(arguments[0])).toFile());
    }

    static void write(File folder) throws IOException {
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                () -> 0);
        RootCommand root = new RootCommand(console, new Failures(console));
        int failed = ManPageGenerator.generateManPage(
                folder, null, new boolean[0], false, root.model().getCommandSpec());
        if (failed != 0) {
            throw new IOException("no manual could be written to " + folder);
        }
    }
}
