package dev.penstock.server.net;

import dev.penstock.server.transfer.Wire;
import dev.penstock.store.transfer.MoreToFollow;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A socket without encryption. Only classes of the JDK know its descriptor number, and reveal it if the command line
 * allows that ({@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}); without it, only the modes that need the number
 * are missing.
 */
final class PlainWire implements Wire {

    private final SocketChannel channel;

    PlainWire(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public ByteChannel channel() {
        return channel;
    }

    @Override
    public int write(ByteBuffer bytes, boolean more) throws IOException {
        int socket = more && MoreToFollow.isAvailable() ? number() : NO_DESCRIPTOR;
        return socket == NO_DESCRIPTOR ? channel.write(bytes) : MoreToFollow.send(socket, bytes);
    }

    /** Turns Nagle's algorithm on or off. Turning it off sends what the kernel holds back. */
    @Override
    public void gather(boolean on) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, !on);
        }
    }

    @Override
    public boolean isPlain() {
        return true;
    }

    @Override
    public int descriptor() {
        int number = number();
        if (number == NO_DESCRIPTOR) {
            Complaint.make();
        }
        return number;
    }

    private int number() {
        MethodHandle number = Access.NUMBER;
        if (number == null) {
            return NO_DESCRIPTOR;
        }
        try {
            return (int) number.invokeExact((Channel) channel);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Made once, when splice is wanted. */
    private static final class Complaint {

        static {
            System.getLogger(PlainWire.class.getName())
                    .log(
                            Level.WARNING,
                            "no splice without --add-exports java.base/sun.nio.ch=ALL-UNNAMED; "
                                    + "values leave by sendfile");
        }

        static void make() {}
    }

    /** Looked up when it is first needed. */
    private static final class Access {

        static final @Nullable MethodHandle NUMBER = find();

        private static @Nullable MethodHandle find() {
            try {
                Class<?> type = Class.forName("sun.nio.ch.SelChImpl");
                return MethodHandles.lookup()
                        .findVirtual(type, "getFDVal", MethodType.methodType(int.class))
                        .asType(MethodType.methodType(int.class, Channel.class));
            } catch (ReflectiveOperationException e) {
                return null;
            }
        }
    }
}
