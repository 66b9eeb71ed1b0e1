package dev.penstock.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, anything, true",
        "'', '', true",
        "'', a, false",
        "h?llo, hello, true",
        "h?llo, hllo, false",
        "h*llo, heeeello, true",
        "h[ae]llo, hallo, true",
        "h[ae]llo, hillo, false",
        "h[^e]llo, hallo, true",
        "h[^e]llo, hello, false",
        "h[a-c]llo, hbllo, true",
        "h[c-a]llo, hbllo, true",
        "h[a-c]llo, hdllo, false",
        "h\\*llo, h*llo, true",
        "h\\*llo, hello, false",
        "[\\]], ], true",
        "[a-, a, true",
        "[abc, b, true",
        "[], a, false",
        "[^], a, true",
        "a\\, a\\, true",
        "*a*b*c*, xxaxxbxxcxx, true",
        "*a*b*c*, xxaxxcxxbxx, false",
        "**, '', true",
        "a*?, a, false",
        "a*?, ab, true",
        "key:*:x, key:1:y:x, true",
        "lib/*, lib/server/libjvm.so, true",
        "[a-]x, -x, false",
        "[a-]x, `, true",
        "[abc, d, false",
        "**a**, bab, true",
        "*a, aab, false"
    })
    void matchesLikeRedis(String pattern, String text, boolean expected) {
        assertEquals(expected, glob(pattern, false).matches(text.getBytes(ISO_8859_1)));
    }

    @Test
    void namesOfSettingsMatchInAnyCase() {
        assertTrue(glob("MAX[C]*", true).matches("maxclients".getBytes(ISO_8859_1)));
        assertFalse(glob("MAX[C]*", false).matches("maxclients".getBytes(ISO_8859_1)));
    }

    @Test
    void aHostilePatternCostsNoMoreThanItsLengthTimesTheText() {
        byte[] text = "a".repeat(10_000).getBytes(ISO_8859_1);
        String pattern = "*a".repeat(5_000) + "b";
        assertTimeout(
                Duration.ofSeconds(5), () -> assertFalse(glob(pattern, false).matches(text)));
    }

    @Property(tries = 2000)
    void agreesWithTheDefinition(@ForAll("patterns") String pattern, @ForAll("texts") String text) {
        assertEquals(byDefinition(pattern, 0, text, 0), glob(pattern, false).matches(text.getBytes(ISO_8859_1)));
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars("ab*?").ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("ab").ofMaxLength(10);
    }

    /** Stars and question marks only, by trying everything. */
    private static boolean byDefinition(String pattern, int at, String text, int from) {
        if (at == pattern.length()) {
            return from == text.length();
        }
        if (pattern.charAt(at) == '*') {
            return byDefinition(pattern, at + 1, text, from)
                    || (from < text.length() && byDefinition(pattern, at, text, from + 1));
        }
        return from < text.length()
                && (pattern.charAt(at) == '?' || pattern.charAt(at) == text.charAt(from))
                && byDefinition(pattern, at + 1, text, from + 1);
    }

    private static Glob glob(String pattern, boolean ignoreCase) {
        return new Glob(pattern.getBytes(ISO_8859_1), ignoreCase);
    }
}
