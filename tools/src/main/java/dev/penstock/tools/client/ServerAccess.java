package dev.penstock.tools.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * An address together with what a client shows there. Immutable.
 *
 * @param address of the server
 * @param user name for AUTH, or null for the default user
 * @param password for AUTH, or null to authenticate nobody
 * @param tls the trust of a TLS client, or null for plain text
 * @param nameChecked whether the certificate must be for the address's host
 */
public record ServerAccess(
        ServerAddress address,
        @Nullable String user,
        @Nullable String password,
        @Nullable SSLContext tls,
        boolean nameChecked) {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Access without a password and without TLS. */
    public static ServerAccess plain(ServerAddress address) {
        return new ServerAccess(address, null, null, null, false);
    }

    /** The same to another server. */
    public ServerAccess at(ServerAddress other) {
        return new ServerAccess(other, user, password, tls, nameChecked);
    }

    /** The words of the AUTH command; empty if there is no password. */
    public List<String> authentication() {
        if (password == null) {
            return List.of();
        }
        return user == null ? List.of("AUTH", password) : List.of("AUTH", user, password);
    }

    /**
     * Connects, in blocking mode, to the first of the host's addresses that answers. The caller closes the channel.
     *
     * @throws IOException naming the address, if none of them does within 10 seconds
     */
    public SocketChannel connect() throws IOException {
        try {
            return address.socket() != null ? connectUnix() : connectTcp();
        } catch (UnknownHostException e) {
            throw new IOException(address + ": there is no host of this name", e);
        } catch (IOException e) {
            throw new IOException(address + ": cannot connect: " + e.getMessage(), e);
        }
    }

    private SocketChannel connectUnix() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(address.socket()));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connectTcp() throws IOException {
        IOException failure = null;
        for (InetAddress candidate : InetAddress.getAllByName(address.host())) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.socket()
                        .connect(
                                new InetSocketAddress(candidate, address.port()), Math.toIntExact(PATIENCE.toMillis()));
                return channel;
            } catch (IOException e) {
                channel.close();
                failure = failure == null ? e : failure;
            }
        }
        throw failure;
    }

    /** A client's engine for one connection; only with TLS. */
    public SSLEngine engine() {
        SSLContext context = Objects.requireNonNull(tls);
        SSLEngine engine = address.host() == null
                ? context.createSSLEngine()
                : context.createSSLEngine(address.host(), address.port());
        engine.setUseClientMode(true);
        if (nameChecked && address.host() != null) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        return engine;
    }
}
