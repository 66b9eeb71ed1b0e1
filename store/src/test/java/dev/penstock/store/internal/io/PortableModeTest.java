package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The system property forces the portable way, and a value that means nothing is refused by name. */
class PortableModeTest {

    @Test
    void eachValueHasItsMode() {
        assertEquals(PortableMode.NOT_FORCED, PortableMode.of(null));
        assertEquals(PortableMode.NOT_FORCED, PortableMode.of("false"));
        assertEquals(PortableMode.FORCED, PortableMode.of("TRUE"));
        assertEquals(PortableMode.FORCED_BY_PATH, PortableMode.of("paths"));
        assertDoesNotThrow(() -> PortableMode.check("true"));
    }

    @Test
    void whatMeansNothingIsRefusedByName() {
        String message = assertThrows(IllegalArgumentException.class, () -> PortableMode.check("linux"))
                .getMessage();
        assertTrue(message.contains("penstock.portable") && message.contains("'linux'"), message);
    }
}
