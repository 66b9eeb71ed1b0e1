package dev.penstock.tools.serve;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** The datagram socket that systemd has for a service's messages. */
final class NotifyReceiver implements AutoCloseable {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final long PATIENCE_SECONDS = 60;
    private static final int MOST_BYTES = 4096;

    private final int socket;

    /** @param address a path, or an abstract name after an at sign */
    NotifyReceiver(String address) throws Throwable {
        byte[] path = address.replaceFirst("^@", "\0").getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            socket = (int) function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                    .invokeExact(1, 2, 0);
            assertTrue(socket >= 0);
            MemorySegment name = arena.allocate(Short.BYTES + path.length, Short.BYTES);
            name.set(JAVA_SHORT, 0, (short) 1);
            MemorySegment.copy(path, 0, name, JAVA_BYTE, Short.BYTES, path.length);
            int bound = (int) function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT))
                    .invokeExact(socket, name, (int) name.byteSize());
            assertEquals(0, bound, address);
            MemorySegment patience = arena.allocateFrom(JAVA_LONG, PATIENCE_SECONDS, 0);
            int set = (int) function(
                            "setsockopt",
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT))
                    .invokeExact(socket, SOL_SOCKET, SO_RCVTIMEO, patience, (int) patience.byteSize());
            assertEquals(0, set);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    /** The next message, waited for. */
    String next() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MOST_BYTES);
            long length =
                    (long) function("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT))
                            .invokeExact(socket, buffer, buffer.byteSize(), 0);
            assertTrue(length >= 0, "no message came");
            return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        try {
            int closed = (int)
                    function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(socket);
            assertEquals(0, closed);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
