package dev.penstock.bench.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Starts etcd with three members and its default settings: heartbeats every 100 ms, elections after 1 s. */
final class EtcdNodes {

    private static final int NODES = 3;
    private static final int PEER_DISTANCE = 10_000;
    private static final Pattern SELF = Pattern.compile("\"member_id\":\"(\\d+)\"");
    private static final Pattern LEADER = Pattern.compile("\"leader\":\"(\\d+)\"");

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private EtcdNodes() {}

    static Deployment start(Path folder) throws IOException {
        List<Integer> ports = Ports.free(NODES, PEER_DISTANCE);
        StringBuilder peers = new StringBuilder();
        for (int i = 0; i < NODES; i++) {
            peers.append(i == 0 ? "" : ",")
                    .append("e")
                    .append(i + 1)
                    .append('=')
                    .append(peerUrl(ports.get(i)));
        }
        List<Member> members = new ArrayList<>();
        try {
            for (int i = 0; i < NODES; i++) {
                String name = "e" + (i + 1);
                members.add(new Member(
                        name,
                        command(name, folder.resolve(name), ports.get(i), peers.toString()),
                        ports.get(i),
                        folder.resolve(name + ".log")));
            }
            Deployment deployment = new Deployment(members, new StatusProbe());
            deployment.leader();
            return deployment;
        } catch (IOException | RuntimeException e) {
            members.forEach(Member::close);
            throw e;
        }
    }

    private static String peerUrl(int port) {
        return "http://127.0.0.1:" + (port + PEER_DISTANCE);
    }

    private static List<String> command(String name, Path data, int port, String peers) {
        String clients = "http://127.0.0.1:" + port;
        List<String> command = new ArrayList<>(List.of("etcd", "--name", name, "--data-dir", data.toString()));
        command.addAll(List.of("--listen-client-urls", clients, "--advertise-client-urls", clients));
        command.addAll(List.of("--listen-peer-urls", peerUrl(port), "--initial-advertise-peer-urls", peerUrl(port)));
        command.addAll(List.of("--initial-cluster", peers, "--logger", "zap", "--log-level", "error"));
        return command;
    }

    private static final class StatusProbe implements Deployment.Probe {

        @Override
        public boolean leads(Member member) throws IOException {
            String status = status(member);
            Matcher self = SELF.matcher(status);
            Matcher leader = LEADER.matcher(status);
            return self.find() && leader.find() && self.group(1).equals(leader.group(1));
        }

        /** A member that knows of no leader leaves it out. */
        @Override
        public boolean isCurrent(Member member) throws IOException {
            return LEADER.matcher(status(member)).find();
        }
    }

    private static String status(Member member) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + member.address().getPort() + "/v3/maintenance/status");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(2))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
