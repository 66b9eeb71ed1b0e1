package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.ValueView;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.text.KeyText;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Writes entries as comma-separated values (RFC 4180), after a line that names the columns. Text is in {@code key} and
 * {@code value}; anything else, and a value over 1 MiB, is base64 in {@code key64} and {@code value64}. {@code expires}
 * is in milliseconds since 1970, and empty for an entry that never expires. One thread.
 */
final class CsvWriter implements EntryWriter {

    private static final String HEADER = "key,value,expires,key64,value64\n";
    private static final Pattern QUOTED = Pattern.compile("[\",\\r\\n]");

    private final OutputStream out;

    CsvWriter(OutputStream out) throws IOException {
        this.out = out;
        out.write(HEADER.getBytes(US_ASCII));
    }

    @Override
    public void write(byte[] key, ValueView value) throws IOException {
        String keyText = KeyText.text(key);
        // What is on the heap; a longer value is written from the store, piece by piece.
        byte[] bytes = value.length() <= Json.MAX_TEXT_LENGTH ? value.toByteArray() : null;
        String valueText = bytes == null ? null : KeyText.text(bytes);
        out.write((keyText == null ? "" : field(keyText)).getBytes(UTF_8));
        out.write(',');
        out.write((valueText == null ? "" : field(valueText)).getBytes(UTF_8));
        out.write(',');
        Instant expiry = value.expiry();
        if (expiry != null) {
            out.write(Long.toString(expiry.toEpochMilli()).getBytes(US_ASCII));
        }
        out.write(',');
        if (keyText == null) {
            out.write(Base64.getEncoder().encode(key));
        }
        out.write(',');
        if (bytes == null) {
            Json.writeBase64(out, value);
        } else if (valueText == null) {
            out.write(Base64.getEncoder().encode(bytes));
        }
        out.write('\n');
    }

    private static String field(String text) {
        return QUOTED.matcher(text).find() ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }
}
