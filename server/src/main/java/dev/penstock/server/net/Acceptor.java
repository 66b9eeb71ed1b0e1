package dev.penstock.server.net;

import dev.penstock.server.http.HttpService;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.LoopContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Accepts or refuses clients, and assigns them to the event loops in turn. Runs on one of the loops, on whose thread it
 * is confined.
 */
final class Acceptor {

    private static final Logger LOG = System.getLogger(Acceptor.class.getName());
    private static final byte[] TOO_MANY_CLIENTS =
            "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ACCEPTS_PER_TURN = 64;
    private static final long PAUSE_MILLIS = 100;

    private final Listeners listeners;
    private final List<EventLoop> loops;
    private final LoopContext loop;
    private final Selector selector;
    private final Farewells farewells = new Farewells();
    private int next;
    private long pausedUntilMillis;
    private final DescriptorReserve descriptors = DescriptorReserve.ofProcess();

    /**
     * Takes the listeners over.
     *
     * @param loops that serve the accepted clients
     * @param loop of the loop that this works on
     * @param selector of that loop
     */
    Acceptor(Listeners listeners, List<EventLoop> loops, LoopContext loop, Selector selector) throws IOException {
        this.listeners = listeners;
        this.loops = loops;
        this.loop = loop;
        this.selector = selector;
        for (ListenerKind kind : ListenerKind.values()) {
            for (ServerSocketChannel channel : listeners.channels(kind)) {
                channel.register(selector, SelectionKey.OP_ACCEPT, kind);
            }
        }
    }

    /** A listening socket is ready. */
    void ready(SelectionKey key) {
        ServerSocketChannel listener = (ServerSocketChannel) key.channel();
        try {
            for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
                SocketChannel channel = listener.accept();
                if (channel == null) {
                    return;
                }
                welcome(channel, (ListenerKind) key.attachment());
            }
        } catch (IOException e) {
            // Out of file descriptors, most likely. Trying again at once would spin, so wait for some to be closed.
            pausedUntilMillis = loop.nowMillis() + PAUSE_MILLIS;
            listenFor(0);
            note("cannot accept connections for now: " + e.getMessage());
        }
    }

    private void welcome(SocketChannel channel, ListenerKind kind) {
        boolean spare = descriptors.take(loop.nowMillis());
        if (!spare) {
            note("refused a client: the remaining file descriptors are reserved for the store; raise the limit of"
                    + " open files");
        } else if (loop.admit()) {
            EventLoop loop = loops.get(next);
            next = (next + 1) % loops.size();
            loop.take(channel, kind);
            return;
        }
        if (spare) {
            loop.incidents()
                    .note(
                            Kind.REFUSED_CLIENT,
                            loop.nowMillis(),
                            "refused " + remote(channel) + ": as many clients are connected as maxclients allows");
        }
        loop.metrics().connectionRejected();
        boolean kept = false;
        try {
            channel.configureBlocking(false);
            if (kind == ListenerKind.REDIS) {
                channel.write(ByteBuffer.wrap(TOO_MANY_CLIENTS));
            } else if (kind == ListenerKind.HTTP) {
                channel.write(ByteBuffer.wrap(HttpService.tooManyClients()));
                if (spare) {
                    farewells.add(channel, loop.nowMillis());
                    kept = true;
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection broke at its start: {0}", e.getMessage());
        } finally {
            if (!kept) {
                Sockets.close(channel);
            }
        }
    }

    /** Of a client that may be gone already. */
    private static String remote(SocketChannel channel) {
        try {
            return SocketName.of(channel).remote();
        } catch (IOException e) {
            return "a client that has left";
        }
    }

    private void note(String text) {
        loop.incidents().note(Kind.FAILED_ACCEPT, loop.nowMillis(), text);
    }

    /** How long the loop may wait, at most so long. */
    long waitMillis(long most) {
        return pausedUntilMillis == 0 && farewells.isEmpty() ? most : Math.min(most, PAUSE_MILLIS);
    }

    /** Once a turn. */
    void look() {
        farewells.look(loop.nowMillis());
        if (pausedUntilMillis != 0 && loop.nowMillis() >= pausedUntilMillis) {
            pausedUntilMillis = 0;
            listenFor(SelectionKey.OP_ACCEPT);
        }
    }

    private void listenFor(int operations) {
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof ListenerKind && key.isValid()) {
                key.interestOps(operations);
            }
        }
    }

    void close() {
        farewells.closeAll();
        listeners.close();
    }
}
