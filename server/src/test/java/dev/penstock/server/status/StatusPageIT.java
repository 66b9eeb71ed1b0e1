package dev.penstock.server.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page in a real browser: what a person sees is what the server counted, by day and by night. */
class StatusPageIT {

    private static final int DARK = 0;
    private static final int LIGHT = 1;

    @TempDir
    Path directory;

    private Path browser;

    @BeforeEach
    void findBrowser() {
        browser = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(browser != null, "no chromium on the PATH: skipped");
    }

    @Test
    void aPersonSeesTheFigures() throws Exception {
        try (TestServer server = new TestServer(
                        directory.resolve("store"), ServerOptions.defaults().withMetricsPort(0));
                RespClient client = server.client()) {
            for (int i = 0; i < 1234; i++) {
                client.call("SET", "key" + i, "x".repeat(1000));
            }
            client.call("CLIENT", "SETNAME", "<img/src=x/onerror=document.title='broken'>");
            int port = server.server().metricsPort().orElseThrow();
            String shown = run(port, "--dump-dom");
            assertTrue(shown.contains("<title>Penstock</title>"), shown);
            assertTrue(shown.contains("<b>1\u202f234</b><span>keys</span>"), shown);
            assertTrue(shown.contains("&lt;img/src=x/onerror=document.title='broken'&gt;"), shown);
            assertFalse(shown.contains("<img"), shown);
            int bright = brightness(port, LIGHT);
            int dim = brightness(port, DARK);
            assertTrue(bright > 200, "by day the page's ground is " + bright);
            assertTrue(dim < 60, "by night the page's ground is " + dim);
        }
    }

    /** Of the pixel in the corner, from 0 to 255. */
    private int brightness(int port, int scheme) throws Exception {
        Path picture = directory.resolve("page.png");
        run(
                port,
                "--blink-settings=preferredColorScheme=" + scheme,
                "--screenshot=" + picture,
                "--window-size=1200,900");
        BufferedImage image = ImageIO.read(picture.toFile());
        assertEquals(1200, image.getWidth());
        return image.getRGB(1, 1) & 0xff;
    }

    /** Gives what the browser printed; whatever the page made it complain about is a failure. */
    private String run(int port, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                browser.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--enable-logging=stderr",
                "--user-data-dir=" + directory.resolve("profile")));
        command.addAll(List.of(options));
        command.add("http://127.0.0.1:" + port + "/");
        Path complaints = directory.resolve("complaints");
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(complaints.toFile())
                .start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the browser does not end");
        } finally {
            process.destroyForcibly();
        }
        assertFalse(Files.readString(complaints, UTF_8).contains(":CONSOLE"), Files.readString(complaints, UTF_8));
        return Files.readString(output, UTF_8);
    }
}
