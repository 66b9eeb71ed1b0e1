package dev.penstock.tools.load;

import java.io.IOException;

/** Takes bytes piece by piece. */
@FunctionalInterface
public interface ByteSink {

    /** Takes a part of an array, which may change when the call has returned. */
    void accept(byte[] bytes, int from, int length) throws IOException;
}
