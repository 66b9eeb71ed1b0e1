package dev.penstock.tools.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes along to run Penstock as a service fits the program as it is. */
class PackagingTest {

    private static final Path PACKAGING = Path.of("../packaging");

    @TempDir
    Path folder;

    /** With what is commented out as well, every line is an option that the program takes. */
    @Test
    void theConfigurationFileHasOnlyOptionsThatThereAre() throws IOException {
        String given = Files.readString(PACKAGING.resolve("penstock.conf"));
        Path all = Files.writeString(
                folder.resolve("all.conf"), given.replaceAll("(?m)^# ([a-z-]+ = )", "$1") + "maxclients = twice\n");
        Cli.Result result =
                Cli.run("serve", folder.resolve("store"), "--config", all).exits(ExitCode.USAGE);
        assertTrue(result.complaint().contains("'maxclients' was set in line "), result.err());
        for (MatchResult option :
                Pattern.compile("(?m)^([a-z-]+) = ").matcher(given).results().toList()) {
            assertTrue(Cli.run("serve", "--help").out().contains("--" + option.group(1)), option.group(1));
        }
    }

    @Test
    void theContainerStartsTheJvmAsTheLauncherDoes() throws IOException {
        List<String> entry = List.of(jsonArray("ENTRYPOINT").get(2).split(" ", -1));
        // A node of a cluster has more heap, which a container is given by PENSTOCK_JAVA_OPTS.
        String launcher = Files.readString(Path.of("../penstock")).replaceAll("(?m)^ *-cluster\\) .*$", "");
        Matcher options = Pattern.compile("(?:options|jvm)\\+?=\\((-[^)$]*)\\)").matcher(launcher);
        int count = 0;
        while (options.find()) {
            for (String option : options.group(1).split(" ", -1)) {
                count++;
                assertTrue(entry.contains(option), option);
            }
        }
        assertTrue(count >= 4, "the launcher's options were not found");
        assertEquals(Cli.mainClass(), entry.get(entry.size() - 2));
    }

    /** A container whose server hangs is restarted; the check needs no password and no client. */
    @Test
    void theContainerIsHealthyIfTheServerRepliesToPing() throws Exception {
        String check = Files.readAllLines(PACKAGING.resolve("Dockerfile")).stream()
                .filter(line -> line.startsWith("HEALTHCHECK "))
                .findFirst()
                .orElseThrow();
        String script =
                Json.MAPPER.readTree(check.substring(check.indexOf('['))).get(2).asText();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process probe =
                    new ProcessBuilder("bash", "-c", script.replace("/6380", "/" + server.getLocalPort())).start();
            try (Socket client = server.accept()) {
                byte[] request = client.getInputStream().readNBytes(5);
                assertEquals("PING\n", new String(request, StandardCharsets.UTF_8));
                client.getOutputStream().write("-NOAUTH\r\n".getBytes(StandardCharsets.UTF_8));
                assertEquals(0, probe.waitFor());
            }
            Process silent =
                    new ProcessBuilder("bash", "-c", script.replace("/6380", "/" + server.getLocalPort())).start();
            server.accept().close();
            assertNotEquals(0, silent.waitFor());
        }
    }

    /** The last option of a kind counts, so that the caller's come after the ones that the image has. */
    @Test
    void theContainerTakesTheCallersOptionsForTheJvm() throws Exception {
        Path java = Files.writeString(folder.resolve("java"), "#!/bin/sh\necho \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command = jsonArray("ENTRYPOINT");
        command.addAll(List.of("serve", "/data"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().put("PENSTOCK_JAVA_OPTS", "-Xmx512m -Dx=y");
        Process process = builder.start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), line);
        assertTrue(
                line.matches("(?s).* -Xmx256m .* -Xmx512m -Dx=y -cp /opt/penstock/\\* \\S+Penstock serve /data\n"),
                line);
    }

    /** A server without a heap answers nobody for ever; one that has ended is started anew, and its log says why. */
    @Test
    void howeverAServerIsStartedItEndsWhenTheHeapIsExhausted() throws Exception {
        List<String> options = List.of("-XX:+ExitOnOutOfMemoryError", "-XX:+DisplayVMOutputToStderr");
        String launcher = Files.readString(Path.of("../penstock"));
        assertTrue(launcher.contains("\n    options+=(" + String.join(" ", options) + ")\n"), "launcher");
        assertTrue(List.of(jsonArray("ENTRYPOINT").get(2).split(" ", -1)).containsAll(options), "container");
        assertEquals("serve", jsonArray("CMD").getFirst());
        String unit = Files.readString(PACKAGING.resolve("penstock.service"));
        assertTrue(unit.contains("\nExecStart=/opt/penstock/penstock serve "), "the unit uses the launcher");

        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx16m"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Hoarder.class.getName()));
        Process process = new ProcessBuilder(command).start();
        String log = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        assertTrue(log.startsWith("Terminating due to java.lang.OutOfMemoryError"), log);
        assertTrue(unit.contains("\nRestart=on-failure\n"), unit);
        Matcher kept = Pattern.compile("(?m)^RestartPreventExitStatus=(.*)$").matcher(unit);
        assertTrue(kept.find(), unit);
        assertFalse(List.of(kept.group(1).split(" ", -1)).contains(String.valueOf(exitCode)), "exits with " + exitCode);
    }

    /** Takes more memory than there is. */
    static final class Hoarder {

        private Hoarder() {}

        public static void main(String[] arguments) {
            System.out.println(new long[1 << 28].length);
        }
    }

    @Test
    void theContainerLetsNobodyInUnasked() throws IOException {
        List<String> arguments = jsonArray("CMD");
        arguments.set(arguments.indexOf("/data"), folder.resolve("store").toString());
        arguments.set(arguments.indexOf("json"), "text"); // which this JVM keeps
        Cli.Result refused = Cli.run(arguments.toArray()).exits(ExitCode.USAGE);
        assertTrue(refused.err().contains("refusing to listen on 0.0.0.0"), refused.err());
    }

    @Test
    void theUnitsCommandIsOneThatTheProgramTakes() throws IOException {
        String unit = Files.readString(PACKAGING.resolve("penstock.service"));
        Matcher command =
                Pattern.compile("(?m)^ExecStart=/opt/penstock/penstock (.*)$").matcher(unit);
        assertTrue(command.find(), unit);
        String arguments = command.group(1)
                .replace("/var/lib/penstock", folder.resolve("store").toString())
                .replace(
                        "/etc/penstock/penstock.conf",
                        folder.resolve("none.conf").toString());
        Cli.Result result = Cli.run((Object[]) arguments.split(" ", -1)).exits(ExitCode.USAGE);
        assertTrue(result.complaint().contains("none.conf: no such file"), result.err());
        assertFalse(unit.contains("MemoryDenyWriteExecute"), "the JVM writes the code that it runs");
    }

    /** Every path of the configuration is one that the unit makes, or that the administrator puts there. */
    @Test
    void theUnitMakesTheFoldersThatTheConfigurationNames() throws IOException {
        String unit = Files.readString(PACKAGING.resolve("penstock.service"));
        String given = Files.readString(PACKAGING.resolve("penstock.conf"));
        List<String> paths = Pattern.compile("(?m)^#? ?[a-z-]+ = (/\\S+)$")
                .matcher(given)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertTrue(paths.size() >= 4, given);
        for (String path : paths) {
            String folder = path.substring(0, path.lastIndexOf('/'));
            switch (folder) {
                case "/etc/penstock" -> {}
                case "/run/penstock" -> assertTrue(unit.contains("\nRuntimeDirectory=penstock\n"), path);
                case "/var/lib/penstock" -> assertTrue(unit.contains("\nStateDirectory=penstock\n"), path);
                default -> throw new AssertionError("nothing makes the folder of " + path);
            }
        }
    }

    /** Nobody is sent to a server that replays its log, and nobody ends that replay. */
    @Test
    void theUnitWaitsUntilTheServerSaysThatItIsReady() throws IOException {
        List<String> unit = Files.readAllLines(PACKAGING.resolve("penstock.service"));
        assertTrue(unit.containsAll(List.of("Type=notify", "TimeoutStartSec=infinity", "WatchdogSec=120")));
        String launcher = Files.readString(Path.of("../penstock"));
        assertTrue(launcher.contains("\nexec \"$jdk/bin/java\" "), "the JVM is the process that systemd started");
        assertTrue(launcher.contains(" NOTIFY_SOCKET='' \"$jdk/bin/java\" "), "a rehearsal tells systemd nothing");
    }

    /** systemd takes the unit as it is, and has little left to say against it. */
    @Test
    void systemdFindsTheUnitSoundAndSafe() throws Exception {
        Path unit = Files.writeString(
                folder.resolve("penstock.service"),
                Files.readString(PACKAGING.resolve("penstock.service"))
                        .replace("/opt/penstock/penstock", "/bin/true")
                        .replaceAll("(?m)^(User|Group)=.*\\R", ""));
        analyze("verify", unit.toString());
        String report = analyze("security", "--offline=true", "--threshold=25", unit.toString());
        for (String setting : List.of("SystemCallFilter=~@privileged", "ProtectProc=", "PrivateUsers=")) {
            assertTrue(report.lines().anyMatch(line -> line.contains(setting) && !line.startsWith("✗")), report);
        }
    }

    /** The options after {@code args:}, with another directory and without what this JVM would keep. */
    @Test
    void theStatefulSetsCommandIsOneThatTheProgramTakes() throws IOException {
        String manifest = Files.readString(PACKAGING.resolve("kubernetes/penstock.yaml"));
        Matcher given = Pattern.compile("(?m)^ +args:\n((?: +- .*\n)+)").matcher(manifest);
        assertTrue(given.find(), manifest);
        List<String> arguments = new ArrayList<>(
                given.group(1).lines().map(line -> line.strip().substring(2)).toList());
        arguments.set(arguments.indexOf("/data/store"), folder.resolve("store").toString());
        assertTrue(arguments.remove("--log-format=json"));
        arguments.set(arguments.indexOf("--metrics-port=9121"), "--metrics-port=0");
        arguments.add("--port=0");
        Cli.Result refused = Cli.run(arguments.toArray()).exits(ExitCode.USAGE);
        assertTrue(refused.err().contains("refusing to listen on 0.0.0.0"), refused.err());
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            String path = probe.equals("readinessProbe") ? "/readyz" : "/livez";
            assertTrue(manifest.contains(probe + ":\n            httpGet: {path: " + path + ", port: metrics}"), probe);
        }
    }

    /** An image that is on the node is used; without a tag, Kubernetes would ask a registry for it at each start. */
    @Test
    void theStatefulSetUsesTheImageThatIsOnTheNode() throws IOException {
        String manifest = Files.readString(PACKAGING.resolve("kubernetes/penstock.yaml"));
        assertTrue(Pattern.compile("(?m)^ +image: penstock\\n(?: +#.*\\n)* +imagePullPolicy: IfNotPresent$")
                .matcher(manifest)
                .find());
    }

    /** Where a release goes is said by the settings of the repository that makes it. */
    @Test
    void noScriptNamesTheHostOfARegistry() throws IOException {
        Pattern host = Pattern.compile("(?i)sonatype|\\bghcr\\b|docker\\.io|quay\\.io|repo[0-9]?\\.maven");
        List<Path> files = new ArrayList<>(List.of(Path.of("../pom.xml"), Path.of("../penstock")));
        for (Path root : List.of(Path.of("../.ci"), Path.of("../.github"), PACKAGING.resolve("kubernetes"))) {
            try (Stream<Path> found = Files.walk(root)) {
                found.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        assertTrue(files.size() > 8, files.toString());
        for (Path file : files) {
            assertFalse(host.matcher(Files.readString(file)).find(), file.toString());
        }
    }

    /** Each alert fires in its case, and does not just below its limit. */
    @Test
    void prometheusTakesTheAlertsAndTheyFireWhereTheyShould() throws Exception {
        Path rules = PACKAGING.resolve("prometheus");
        assertTrue(run("promtool", "check", "rules", rules.resolve("alerts.yml").toString())
                .contains("21 rules found"));
        run("promtool", "test", "rules", rules.resolve("alerts-test.yml").toString());
        String cases = Files.readString(rules.resolve("alerts-test.yml"));
        List<MatchResult> alerts = Pattern.compile("(?m)^ +- alert: (\\w+)$")
                .matcher(Files.readString(rules.resolve("alerts.yml")))
                .results()
                .toList();
        for (MatchResult alert : alerts) {
            assertEquals(2, cases.split("alertname: " + alert.group(1) + "\n", -1).length - 1, alert.group(1));
        }
    }

    @Test
    void theQueriesOfTheDashboardAreSound() throws Exception {
        JsonNode dashboard =
                Json.MAPPER.readTree(PACKAGING.resolve("grafana/penstock.json").toFile());
        StringBuilder rules = new StringBuilder("groups: [{name: dashboard, rules: [\n");
        List<JsonNode> queries = dashboard.findValues("expr");
        assertTrue(queries.size() > 40, "only " + queries.size() + " queries");
        for (int i = 0; i < queries.size(); i++) {
            String query = queries.get(i).asText().replace("$__rate_interval", "5m");
            rules.append("{record: 'query:")
                    .append(i)
                    .append("', expr: ")
                    .append(Json.MAPPER.writeValueAsString(query));
            rules.append("},\n");
        }
        Path file = Files.writeString(folder.resolve("rules.yml"), rules.append("]}]\n"));
        run("promtool", "check", "rules", file.toString());
    }

    private static String analyze(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "--no-pager"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            Assumptions.abort(command[0] + " is not installed: skipped");
            throw e;
        }
        String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), report);
        return report;
    }

    private static List<String> jsonArray(String instruction) throws IOException {
        String line = Files.readAllLines(PACKAGING.resolve("Dockerfile")).stream()
                .filter(text -> text.startsWith(instruction + " "))
                .findFirst()
                .orElseThrow();
        List<String> words = new ArrayList<>();
        for (JsonNode word : Json.MAPPER.readTree(line.substring(instruction.length()))) {
            words.add(word.asText());
        }
        return words;
    }
}
