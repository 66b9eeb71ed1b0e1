package dev.penstock.server.resp;

import dev.penstock.store.Store;

/** Says which large arguments are to be streamed rather than collected in memory. */
@FunctionalInterface
public interface LargeArguments {

    /** Whether the argument that comes next may be streamed, given those before it. */
    boolean streams(Request request, int index);

    /** The longest argument that is taken at all, in bytes; not below {@link RequestDecoder#STREAMED_LENGTH}. */
    default long longestLength() {
        return Store.MAX_VALUE_LENGTH;
    }
}
