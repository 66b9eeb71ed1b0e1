package dev.penstock.server.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * The two ends of a client's socket as Redis writes them: {@code 127.0.0.1:6380}, {@code [::1]:6380}, and for both ends
 * of a Unix domain socket its path with {@code :0}. CLIENT KILL takes them in the same form.
 *
 * @param remote the client's end
 * @param local the server's end
 * @param isUnix whether it is a Unix domain socket
 * @param isLoopback whether the client is on this machine for certain: it came by a loopback address or a Unix domain
 *     socket
 */
record SocketName(String remote, String local, boolean isUnix, boolean isLoopback) {

    private static final int WORDS = 8;

    static SocketName of(SocketChannel channel) throws IOException {
        SocketAddress local = channel.getLocalAddress();
        if (local instanceof UnixDomainSocketAddress path) {
            String name = path + ":0"; // the client's end has no name
            return new SocketName(name, name, true, true);
        }
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        boolean loopback = remote.getAddress().isLoopbackAddress();
        return new SocketName(text(remote), text((InetSocketAddress) local), false, loopback);
    }

    private static String text(InetSocketAddress address) {
        return text(address.getAddress()) + ":" + address.getPort();
    }

    static String text(InetAddress host) {
        return host instanceof Inet6Address ? "[" + compressed(host.getAddress()) + "]" : host.getHostAddress();
    }

    /** As inet_ntop does: without the scope, and {@code ::} for the first of the longest runs of zeros. */
    private static String compressed(byte[] address) {
        ByteBuffer words = ByteBuffer.wrap(address);
        int runStart = -1;
        int runLength = 1; // one zero alone is written
        for (int i = 0; i < WORDS; i++) {
            int zeros = zeros(words, i);
            if (zeros > runLength) {
                runStart = i;
                runLength = zeros;
            }
        }
        boolean holdsIpv4 = runStart == 0 && runLength == WORDS - 2;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
            } else if (holdsIpv4) {
                return text + ipv4(address, 2 * i);
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(words.getChar(2 * i)));
            }
        }
        return text.toString();
    }

    private static int zeros(ByteBuffer words, int from) {
        int next = from;
        while (next < WORDS && words.getChar(2 * next) == 0) {
            next++;
        }
        return next - from;
    }

    private static String ipv4(byte[] address, int from) {
        return (address[from] & 0xff) + "." + (address[from + 1] & 0xff) + "." + (address[from + 2] & 0xff) + "."
                + (address[from + 3] & 0xff);
    }
}
