package dev.penstock.tools.load;

import java.io.IOException;

/** Entries that are read one after the other, from a file or a server. One thread. */
public interface EntrySource extends AutoCloseable {

    /** The expiry of an entry that never expires. */
    long NO_EXPIRY = 0;

    /**
     * Goes to the next entry, and reads all of it.
     *
     * @return false at the end
     * @throws BadEntryException if what comes next is no entry; unless it is the last, the source can be read on
     */
    boolean next() throws IOException, BadEntryException;

    /** The entry's key. */
    byte[] key();

    /** The entry's value, until the next entry is read. */
    IncomingValue value();

    /** When the entry expires, in milliseconds since 1970; {@link #NO_EXPIRY} if it never does. */
    long expiryMillis();

    /** What to throw if the entry cannot be stored. */
    BadEntryException bad(IllegalArgumentException problem);

    @Override
    void close() throws IOException;
}
