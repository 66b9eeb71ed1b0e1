package dev.penstock.bench.cluster;

import dev.penstock.bench.process.BlockingClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a Redis Cluster of one master, which has all slots, and two replicas. */
final class RedisNodes {

    private static final int NODES = 3;
    private static final int BUS_DISTANCE = 10_000;

    private RedisNodes() {}

    static Deployment start(Path folder) throws IOException {
        List<Integer> ports = Ports.free(NODES, BUS_DISTANCE);
        List<Member> members = new ArrayList<>();
        try {
            for (int port : ports) {
                Path data = Files.createDirectory(folder.resolve("redis-" + port));
                members.add(new Member("redis-" + port, command(data, port), port, folder.resolve(port + ".log")));
            }
            for (Member member : members) {
                member.process().awaitAnswer(client -> client.line(BlockingClient.command("PING")));
            }
            join(members);
            Deployment deployment = new Deployment(members, RedisNodes::takesWrites);
            deployment.leader();
            return deployment;
        } catch (IOException | RuntimeException e) {
            members.forEach(Member::close);
            throw e;
        }
    }

    private static List<String> command(Path data, int port) {
        List<String> command = new ArrayList<>(List.of("redis-server", "--port", Integer.toString(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--dir", data.toString(), "--save", ""));
        command.addAll(List.of("--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", "always"));
        return command;
    }

    private static void join(List<Member> members) throws IOException {
        Member master = members.getFirst();
        ask(master, "CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        String id;
        try (BlockingClient client = new BlockingClient(master.address())) {
            ByteBuffer read = ByteBuffer.allocate(64);
            client.bulk(BlockingClient.command("CLUSTER", "MYID"), read);
            id = new String(read.array(), 0, read.position(), StandardCharsets.US_ASCII);
        }
        for (Member replica : members.subList(1, members.size())) {
            ask(
                    replica,
                    "CLUSTER",
                    "MEET",
                    "127.0.0.1",
                    Integer.toString(master.address().getPort()));
        }
        for (Member replica : members.subList(1, members.size())) {
            // A node does not know the others at once.
            replica.process().awaitAnswer(client -> client.line(BlockingClient.command("CLUSTER", "REPLICATE", id)));
        }
        master.process().awaitAnswer(RedisNodes::requireReplicas);
    }

    /** As many replicas have the write as WAIT answers. */
    private static void requireReplicas(BlockingClient client) throws IOException {
        client.line(BlockingClient.command("SET", "probe", "1"));
        String count = client.line(BlockingClient.command("WAIT", Integer.toString(NODES - 1), "1000"));
        if (!count.equals(":" + (NODES - 1))) {
            throw new IOException("the replicas do not follow their master");
        }
    }

    private static void ask(Member member, String... command) throws IOException {
        try (BlockingClient client = new BlockingClient(member.address())) {
            client.line(BlockingClient.command(command));
        }
    }

    private static boolean takesWrites(Member member) throws IOException {
        ask(member, "SET", "probe", "1");
        return true;
    }
}
