package dev.penstock.tools.client;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens: a TCP port, or a Unix domain socket.
 *
 * @param host name or address, without brackets; null for a Unix domain socket
 * @param port from 1 to 65535; 0 for a Unix domain socket
 * @param socket path of the Unix domain socket; null for TCP
 */
public record ServerAddress(
        @Nullable String host, int port, @Nullable Path socket) {

    private static final Pattern TCP = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^:/\\s\\[\\]]+)):([0-9]{1,5})");

    /**
     * Parses {@code HOST:PORT}, {@code [IPV6]:PORT} or a path that contains a slash.
     *
     * @throws IllegalArgumentException if the text is none of them
     */
    public static ServerAddress parse(String text) {
        Matcher tcp = TCP.matcher(text);
        if (tcp.matches()) {
            int port = Integer.parseInt(tcp.group(3));
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("the port must be from 1 to 65535, not " + port);
            }
            return new ServerAddress(tcp.group(1) != null ? tcp.group(1) : tcp.group(2), port, null);
        }
        if (text.contains("/")) {
            return new ServerAddress(null, 0, Path.of(text));
        }
        throw new IllegalArgumentException(
                "'" + text + "' is neither HOST:PORT nor the path of a Unix domain socket; a path contains a slash");
    }

    /** Whether the text is {@code HOST:PORT} or {@code [IPV6]:PORT}. */
    public static boolean isTcp(String text) {
        return TCP.matcher(text).matches();
    }

    @Override
    public String toString() {
        if (socket != null) {
            return socket.toString();
        }
        boolean isIpV6 = host != null && host.contains(":");
        return (isIpV6 ? "[" + host + "]" : host) + ":" + port;
    }
}
