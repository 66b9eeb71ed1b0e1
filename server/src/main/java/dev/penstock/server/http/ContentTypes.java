package dev.penstock.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The content type of a value, by the extension of its key. The table is mime-db, which gathers the types that IANA,
 * Apache and nginx know. Several types may claim an extension; a registered one goes before others.
 *
 * <p>Immutable; any thread.
 */
final class ContentTypes {

    private static final String TABLE = "META-INF/resources/webjars/mime-db/1.54.0/db.json";
    private static final String UNKNOWN = "application/octet-stream";
    private static final int MOST_EXTENSION_LENGTH = 16;

    /** Of these, a browser runs scripts or follows references: they get no rights of the server's origin. */
    private static final List<String> ACTIVE = List.of("html", "xml", "svg");

    private final Map<String, byte[]> fields = new HashMap<>();
    private final byte[] unknown = field(UNKNOWN);

    /** Reads the table. */
    ContentTypes() {
        Map<String, Claim> best = new HashMap<>();
        try (InputStream table = ContentTypes.class.getClassLoader().getResourceAsStream(TABLE);
                JsonParser json = new JsonFactory().createParser(table)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                readType(json, best);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading the table of content types failed", e);
        }
        best.forEach((extension, claim) -> fields.put(extension, field(claim.type)));
    }

    /** A type that has an extension, and how much that is worth. */
    private record Claim(String type, int rank) {

        static Claim of(String type, String source) {
            String subtype = type.substring(type.indexOf('/') + 1);
            int tree =
                    subtype.startsWith("x-") ? 0 : subtype.startsWith("vnd.") ? 1 : subtype.startsWith("prs.") ? 0 : 2;
            int from = switch (source) {
                case "iana" -> 3;
                case "" -> 2;
                case "apache" -> 1;
                default -> 0;
            };
            // What can be seen and heard says more than that it is for an application, and that more than text.
            int top = switch (type.substring(0, type.indexOf('/'))) {
                case "video", "audio", "image", "font" -> 2;
                case "application" -> 1;
                default -> 0;
            };
            return new Claim(type, 100 * tree + 10 * from + top);
        }
    }

    private static void readType(JsonParser json, Map<String, Claim> best) throws IOException {
        String type = json.currentName();
        String source = "";
        Map<String, Boolean> extensions = new HashMap<>();
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("source")) {
                source = json.getText();
            } else if (name.equals("extensions")) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    extensions.put(json.getText(), true);
                }
            } else {
                json.skipChildren();
            }
        }
        Claim claim = Claim.of(type, source);
        extensions.keySet().forEach(extension -> best.merge(extension, claim, ContentTypes::better));
    }

    /** Of equal ones the shorter name, and of those the first in the alphabet, so that the order does not matter. */
    private static Claim better(Claim one, Claim other) {
        int difference = one.rank - other.rank;
        if (difference == 0) {
            difference = other.type.length() - one.type.length();
        }
        if (difference == 0) {
            difference = other.type.compareTo(one.type);
        }
        return difference >= 0 ? one : other;
    }

    private static byte[] field(String type) {
        boolean active = ACTIVE.stream().anyMatch(type::contains);
        String text = "Content-Type: " + type + "\r\nX-Content-Type-Options: nosniff\r\n"
                + (active ? "Content-Security-Policy: sandbox\r\n" : "");
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The header fields that say how a client is to treat the value of a key, with their line ends. */
    byte[] fieldsOf(byte[] key) {
        int from = key.length;
        while (from > 0 && key[from - 1] != '.' && key[from - 1] != '/' && key.length - from < MOST_EXTENSION_LENGTH) {
            from--;
        }
        if (from == 0 || key[from - 1] != '.') {
            return unknown;
        }
        String extension = new String(key, from, key.length - from, StandardCharsets.ISO_8859_1);
        return fields.getOrDefault(extension.toLowerCase(Locale.ROOT), unknown);
    }

    /** The same as a single field, for a part of a response with several ranges. */
    byte[] typeOf(byte[] key) {
        byte[] all = fieldsOf(key);
        int end = 0;
        while (all[end] != '\n') {
            end++;
        }
        return java.util.Arrays.copyOf(all, end + 1);
    }
}
