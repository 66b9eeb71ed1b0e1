package dev.penstock.server.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The slots are those of Redis 7.0's CLUSTER KEYSLOT. */
class SlotsTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
                    123456789, 12739
                    foo, 12182
                    {user1000}.following, 3443
                    foo{}{bar}, 8363
                    foo{{bar}}zap, 4015
                    foo{bar}{zap}, 5061
                    a{, 14311
                    }{a}, 15495
                    "", 0
                    käse, 7438
                    {}, 15257
                    {}x, 10595
                    x{y}, 12222
                    y, 12222
                    """)
    void aKeyHasTheSlotThatRedisGivesIt(String key, int slot) {
        assertEquals(slot, Slots.of(key.getBytes(StandardCharsets.UTF_8)));
    }
}
