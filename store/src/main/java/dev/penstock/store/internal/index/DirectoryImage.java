package dev.penstock.store.internal.index;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where the memory of a key directory is written to, or read from, piece by piece and always in the same order. */
public interface DirectoryImage {

    /** Writes or fills all of a piece of memory. */
    void transfer(MemorySegment memory) throws IOException;
}
