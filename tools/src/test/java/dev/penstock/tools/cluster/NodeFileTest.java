package dev.penstock.tools.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeFileTest {

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve(NodeFile.NAME);
    }

    private ToolException refused() {
        ToolException refused = assertThrows(ToolException.class, () -> NodeFile.read(folder));
        assertEquals(ExitCode.STORE, refused.exitCode());
        assertTrue(refused.getMessage().startsWith(file().toString()), refused.getMessage());
        return refused;
    }

    @Test
    void aFileSaysWhatWasWritten() throws IOException {
        NodeFile node = NodeFile.of("c", "b", Peer.parseAll("a=h:1,b=h:2,c=h:3"));
        node.create(folder);
        assertEquals(node, NodeFile.read(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            format=1;name=\\u00zz        | is damaged: Malformed
            name=a                      | is damaged: it has no format
            ''                          | is damaged: it has no format
            format=2                    | has format '2', and this release reads 1; use a newer release
            format=1;name=a             | a node is NAME=HOST:PORT
            format=1;name=b;peers=a=h:1 | node b is not among the nodes a
            """)
    void aDamagedFileIsRefusedByItsName(String entries, String problem) throws IOException {
        Files.writeString(file(), entries.replace(';', '\n'));
        String message = refused().getMessage();
        assertTrue(message.contains(problem), message);
    }

    @Test
    void aFileThatIsNoTextIsRefused() throws IOException {
        Files.write(file(), "format=\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(file() + " is not UTF-8 text", refused().getMessage());
        Files.write(file(), new byte[(1 << 20) + 1]);
        assertEquals(file() + " is longer than 1 MiB", refused().getMessage());
    }
}
