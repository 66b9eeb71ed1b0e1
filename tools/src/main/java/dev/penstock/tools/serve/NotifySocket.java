package dev.penstock.tools.serve;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * Sends a datagram to a Unix domain socket, which the channels of the JDK cannot do, by calls of the C library of
 * Linux. Each message has a separate socket, since there are few messages. Any thread.
 */
final class NotifySocket {

    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_DONTWAIT = 0x40;

    /** Of {@code sun_path}, with the byte 0 behind a path. */
    private static final int MOST_PATH = 108;

    private static final int PATH_OFFSET = Short.BYTES;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO_CAPTURE = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SENDTO = function(
            "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private NotifySocket() {}

    @SuppressWarnings("restricted") // where native access is denied, the caller logs that
    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, ERRNO_CAPTURE);
    }

    /**
     * Sends a message, and does not wait for a receiver whose queue is full.
     *
     * @param address a path, or a name of the abstract name space after an at sign
     * @throws IllegalStateException if that fails, with a message for people
     */
    static void send(String address, String message) {
        byte[] path = path(address);
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(PATH_OFFSET + path.length, Short.BYTES);
            name.set(JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(path, 0, name, JAVA_BYTE, PATH_OFFSET, path.length);
            MemorySegment content = arena.allocateFrom(JAVA_BYTE, bytes);
            MemorySegment state = arena.allocate(STATE);
            int socket = (int) SOCKET.invokeExact(state, (int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (socket < 0) {
                throw failed("socket", address, state);
            }
            try {
                long sent = (long) SENDTO.invokeExact(
                        state, socket, content, (long) bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT, name, (int)
                                name.byteSize());
                if (sent < 0) {
                    throw failed("sendto", address, state);
                }
            } finally {
                int ignored = (int) CLOSE.invokeExact(state, socket);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // the functions throw nothing
        }
    }

    private static IllegalStateException failed(String call, String address, MemorySegment state) {
        return new IllegalStateException(call + " to " + address + " failed with errno " + (int) ERRNO.get(state, 0L));
    }

    /** The path with the byte 0 that ends it; of an abstract name, which that byte begins, all bytes count. */
    private static byte[] path(String address) {
        boolean isAbstract = address.startsWith("@");
        if (!isAbstract && !address.startsWith("/")) {
            throw new IllegalStateException("it is neither a path nor an abstract name: " + address);
        }
        String path = isAbstract ? '\0' + address.substring(1) : address + '\0';
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MOST_PATH) {
            throw new IllegalStateException("it is longer than " + MOST_PATH + " bytes: " + address);
        }
        return bytes;
    }
}
