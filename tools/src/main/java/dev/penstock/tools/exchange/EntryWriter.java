package dev.penstock.tools.exchange;

import dev.penstock.store.ValueView;
import java.io.IOException;

/** Writes entries to a file in some format, one after the other. Values of any length pass through. One thread. */
public interface EntryWriter {

    /** Writes an entry. */
    void write(byte[] key, ValueView value) throws IOException;

    /** Writes what comes after the last entry, and flushes. */
    void finish() throws IOException;
}
