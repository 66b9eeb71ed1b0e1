package dev.penstock.tools.top;

import java.io.IOException;

/** A source of readings. One thread. */
public interface TopSource extends AutoCloseable {

    /**
     * Looks, and compares with the look before.
     *
     * @return the frame; its rates are 0 the first time
     * @throws IOException if what is watched is not there any more
     */
    TopFrame next() throws IOException;

    @Override
    void close() throws IOException;
}
