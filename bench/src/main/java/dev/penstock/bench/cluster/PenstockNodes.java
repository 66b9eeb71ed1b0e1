package dev.penstock.bench.cluster;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts Penstock: the nodes that {@code cluster start} would start, as processes of their own, or one server. */
final class PenstockNodes {

    private static final int NODES = 3;
    private static final int LOG_PORT_DISTANCE = 10_000;

    private PenstockNodes() {}

    static Deployment startCluster(Path folder) throws IOException {
        List<Integer> ports = Ports.free(NODES, LOG_PORT_DISTANCE);
        StringBuilder peers = new StringBuilder();
        for (int i = 0; i < NODES; i++) {
            peers.append(i == 0 ? "" : ",")
                    .append(name(i))
                    .append("=127.0.0.1:")
                    .append(ports.get(i));
        }
        List<Member> members = new ArrayList<>();
        try {
            for (int i = 0; i < NODES; i++) {
                String node = folder.resolve(name(i)).toString();
                ExternalProgram.output(
                        List.of("./penstock", "cluster", "init", node, "--name", name(i), "--peers", peers.toString()));
                members.add(new Member(
                        name(i),
                        List.of("./penstock", "cluster", "node", node),
                        ports.get(i),
                        folder.resolve(name(i) + ".log")));
            }
            Deployment deployment = new Deployment(members, new NodeProbe());
            deployment.leader();
            return deployment;
        } catch (IOException | RuntimeException e) {
            members.forEach(Member::close);
            throw e;
        }
    }

    private static String name(int number) {
        return "n" + (number + 1);
    }

    static Deployment startServer(Path folder) throws IOException {
        int port = ServerProcess.freePort();
        Member member = new Member(
                "server",
                List.of("./penstock", "serve", folder.resolve("store").toString(), "--port", Integer.toString(port)),
                port,
                folder.resolve("server.log"));
        try {
            Deployment deployment = new Deployment(List.of(member), new NodeProbe());
            deployment.leader();
            return deployment;
        } catch (IOException | RuntimeException e) {
            member.close();
            throw e;
        }
    }

    private static final class NodeProbe implements Deployment.Probe {

        /** Any other node answers with an error. */
        @Override
        public boolean leads(Member member) throws IOException {
            try (BlockingClient client = new BlockingClient(member.address())) {
                client.line(BlockingClient.command("SET", "probe", "1"));
                return true;
            }
        }

        @Override
        public boolean isCurrent(Member member) throws IOException {
            try (BlockingClient client = new BlockingClient(member.address())) {
                ByteBuffer report = ByteBuffer.allocate(1 << 16);
                client.bulk(BlockingClient.command("INFO", "replication"), report);
                String text = new String(report.array(), 0, report.position(), StandardCharsets.US_ASCII);
                return (text.contains("role:master") || text.contains("master_link_status:up"))
                        && number(text, "group_committed") > 0
                        && number(text, "group_applied") == number(text, "group_committed");
            }
        }

        private static long number(String report, String name) {
            return report.lines()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElse(-1);
        }
    }
}
