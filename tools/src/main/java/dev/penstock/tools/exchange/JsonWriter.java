package dev.penstock.tools.exchange;

import dev.penstock.store.ValueView;
import dev.penstock.tools.console.Json;
import java.io.IOException;
import java.io.OutputStream;

/** Writes entries as JSON Lines, as {@code scan --json --values} prints them. One thread. */
final class JsonWriter implements EntryWriter {

    private final OutputStream out;

    JsonWriter(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(byte[] key, ValueView value) throws IOException {
        Json.entry(out, key, value, true);
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }
}
