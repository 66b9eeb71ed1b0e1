package dev.penstock.bench.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A client of one thread that finds the leader by itself, and another server when its own is gone. */
interface KeyClient extends AutoCloseable {

    /** In place of an error: no reply came, so the outcome is unknown. */
    String BROKEN = "the connection broke, or was given up, before the reply";

    /** Writes once; returns null if that was acknowledged, and otherwise the error. */
    @Nullable
    String write(String key, String value);

    /** Whether the key has the value. */
    boolean has(String key, String value) throws IOException;

    @Override
    void close();
}
