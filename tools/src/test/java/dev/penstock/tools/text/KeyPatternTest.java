package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.penstock.server.resp.Glob;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyPatternTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "*, anything, true",
                "*, \"\", true",
                "\"\", \"\", true",
                "\"\", a, false",
                "h?llo, hello, true",
                "h?llo, hllo, false",
                "h*llo, heeeello, true",
                "h*llo, hell, false",
                "*.so, lib/libjvm.so, true",
                "lib/*, lib/server/libjvm.so, true",
                "h[ae]llo, hallo, true",
                "h[ae]llo, hillo, false",
                "h[^e]llo, hallo, true",
                "h[^e]llo, hello, false",
                "h[a-c]llo, hbllo, true",
                "h[c-a]llo, hbllo, true",
                "h[a-c]llo, hdllo, false",
                "a\\*b, a*b, true",
                "a\\*b, axb, false",
                "[\\]], ], true",
                "[a-]x, -x, false",
                "[a-]x, `, true",
                "a\\, a\\, true",
                "[abc, b, true",
                "[abc, d, false",
                "**a**, bab, true",
                "*a, aab, false"
            })
    void aPatternMeansWhatItMeansToRedis(String pattern, String key, boolean expected) {
        assertEquals(expected, matches(pattern, key));
    }

    @Test
    void manyStarsDoNotExplode() {
        String key = "a".repeat(60_000);
        boolean matched = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> matches("a*".repeat(40) + "b", key));
        assertEquals(false, matched);
    }

    /** Against a matcher that simply tries everything. */
    @Property(tries = 3000)
    void starsAndQuestionMarksAgreeWithTryingEverything(
            @ForAll("patterns") String pattern, @ForAll("keys") String key) {
        assertEquals(tryEverything(pattern, key), matches(pattern, key), () -> pattern + " on " + key);
    }

    /** A scan by the tools finds the keys that one by the server finds. */
    @Property(tries = 5000)
    void itMeansWhatItMeansToTheServer(@ForAll("oddPatterns") String pattern, @ForAll("oddKeys") String key) {
        boolean server = new Glob(pattern.getBytes(ISO_8859_1), false).matches(key.getBytes(ISO_8859_1));
        assertEquals(server, matches(pattern, key), () -> pattern + " on " + key);
    }

    @Provide
    Arbitrary<String> oddPatterns() {
        return Arbitraries.strings()
                .withChars('a', 'b', 'c', '*', '?', '[', ']', '^', '-', '\\', '\u00f0')
                .ofMaxLength(9);
    }

    @Provide
    Arbitrary<String> oddKeys() {
        return Arbitraries.strings()
                .withChars('a', 'b', 'c', ']', '^', '-', '\\', '[', '\u00f0', '\u00f1')
                .ofMaxLength(4);
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars('a', 'b', '*', '?').ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.strings().withChars('a', 'b', 'c').ofMaxLength(10);
    }

    private static boolean tryEverything(String pattern, String key) {
        if (pattern.isEmpty()) {
            return key.isEmpty();
        }
        String rest = pattern.substring(1);
        if (pattern.charAt(0) == '*') {
            return tryEverything(rest, key) || (!key.isEmpty() && tryEverything(pattern, key.substring(1)));
        }
        return !key.isEmpty()
                && (pattern.charAt(0) == '?' || pattern.charAt(0) == key.charAt(0))
                && tryEverything(rest, key.substring(1));
    }

    private static boolean matches(String pattern, String key) {
        return new KeyPattern(pattern.getBytes(ISO_8859_1)).matches(key.getBytes(ISO_8859_1));
    }
}
