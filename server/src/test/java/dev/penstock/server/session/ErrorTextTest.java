package dev.penstock.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.resp.CommandError;
import dev.penstock.store.BatchTooLargeException;
import dev.penstock.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients see no file, no class and no host, whatever is thrown. */
class ErrorTextTest {

    private static final String SECRET = "/var/lib/secret/0000000001.log on host7: java.lang.Secret";

    @Test
    void noExceptionsMessageReachesAClient() throws Exception {
        List<Throwable> thrown = new ArrayList<>(List.of(
                new IllegalStateException(SECRET),
                new IllegalArgumentException(SECRET),
                new UncheckedIOException(new IOException(SECRET)),
                new OutOfMemoryError(SECRET),
                new InternalError(SECRET),
                new BatchTooLargeException(1, 2)));
        for (Class<?> kind : StoreException.class.getPermittedSubclasses()) {
            thrown.add(instance(kind));
        }
        assertTrue(thrown.size() > 12, thrown.toString());
        for (Throwable e : thrown) {
            String text = ErrorText.of(e);
            assertFalse(text.matches("(?s).*(secret|0001|host7|java|penstock|Exception|Error|/).*"), text);
            assertTrue(text.matches("(OOM|ERR|MISCONF|READONLY) [a-z][a-zA-Z0-9' ;:,]+"), text);
        }
        assertEquals("ERR key is absent", ErrorText.of(new CommandError("ERR key is absent")));
    }

    private static Throwable instance(Class<?> kind) throws ReflectiveOperationException {
        Constructor<?> constructor = kind.getConstructors()[0];
        Object[] arguments = new Object[constructor.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Class<?> type = constructor.getParameterTypes()[i];
            arguments[i] = type == String.class ? SECRET : type == long.class ? (Object) 0L : new IOException(SECRET);
        }
        return (Throwable) constructor.newInstance(arguments);
    }
}
