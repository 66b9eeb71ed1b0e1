package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many clients as may be, each with what TLS has to remember: the server continues serving, in a small heap. */
class TlsFloodTest {

    private static final int FINISHED = 300;
    private static final int BEGUN = 300;
    private static final int HALF_A_RECORD = 8000;

    @TempDir
    Path directory;

    @Test
    void handshakesFinishedAndUnfinishedFitIntoASmallHeap() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "served", "EC");
        SSLContext context = certificate.client();
        List<Socket> crowd = new ArrayList<>();
        try (ChildServer server = new ChildServer(
                        directory.resolve("store"),
                        "",
                        "-Xmx64m",
                        "-Dpenstock.test.certificate=" + directory.resolve("served"));
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            long before = server.statusKib("VmRSS");
            byte[] beginning = beginning();
            for (int i = 0; i < BEGUN; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.tlsPort());
                crowd.add(socket);
                write(socket, beginning);
            }
            for (int i = 0; i < FINISHED; i++) {
                SSLSocket socket = (SSLSocket)
                        context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.tlsPort());
                crowd.add(socket);
                // at once, for whoever asks for nothing is soon sent away
                socket.getOutputStream().write("PING\r\n".getBytes(ISO_8859_1));
                assertEquals("+PONG\r\n", new String(socket.getInputStream().readNBytes(7), ISO_8859_1));
                if (i % 50 == 0) {
                    assertEquals("+PONG\r\n", client.call("PING"));
                }
            }
            long grown = (server.statusKib("VmHWM") - before) / 1024;
            System.out.println(
                    "memory grown by " + grown + " MiB under " + FINISHED + " TLS clients and " + BEGUN + " half ones");
            assertTrue(grown < 128, grown + " MiB");
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    /** A record that is announced with 16 KiB and comes by half. */
    private static byte[] beginning() {
        ByteBuffer record = ByteBuffer.allocate(HALF_A_RECORD);
        record.put((byte) 22).putShort((short) 0x0301).putShort((short) 16_000);
        record.put((byte) 1).put((byte) 0).putShort((short) 15_996).putShort((short) 0x0303);
        return record.array();
    }

    private static void write(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException refused) {
            // which is fine, too
        }
    }
}
