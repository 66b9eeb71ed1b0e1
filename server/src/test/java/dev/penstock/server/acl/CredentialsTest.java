package dev.penstock.server.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A header field names one user and one password, or nobody. */
class CredentialsTest {

    private static String encoded(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertShows(String name, String password, String field) {
        Credentials shown = Credentials.of(field);
        assertNotNull(shown, field);
        assertEquals(name, shown.name());
        assertEquals(password, new String(shown.password(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"anna:secret,anna,secret", ":secret,default,secret", "anna:,anna,''", "anna:a:b,anna,a:b", "ä:ö,ä,ö"})
    void aPairIsReadToItsFirstColon(String pair, String name, String password) {
        for (String scheme : new String[] {"Basic ", "basic ", "BASIC   "}) {
            assertShows(name, password, scheme + encoded(pair));
        }
    }

    @Test
    void aTokenIsThePasswordOfTheDefaultUser() {
        assertShows(Users.DEFAULT, "a:b", "Bearer a:b");
        assertShows(Users.DEFAULT, "secret", "bearer  secret ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic", "Basic ", "Basic %", "Basic YQ==", "Bearer", "Digest YTpi", "Basicx YTpi"})
    void aFieldOfAnotherKindShowsNothing(String field) {
        assertNull(Credentials.of(field));
    }
}
