package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.Protocol.Progress;
import dev.penstock.server.transfer.Intake;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.ValueIntake;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A body that waits in the buffer of the requests until all of it is there. */
final class SmallBody implements Body {

    private final RequestBuffer input;
    private final int length;
    private final @Nullable Digests digests;

    SmallBody(RequestBuffer input, int length, @Nullable Digests digests) {
        this.input = input;
        this.length = length;
        this.digests = digests;
    }

    @Override
    public Progress take() {
        return input.available() >= length ? Progress.DONE : Progress.MORE;
    }

    @Override
    public @Nullable Intake intake() {
        return null;
    }

    @Override
    public void verify() {
        if (digests != null) {
            digests.update(bytes());
            digests.check();
        }
    }

    @Override
    public long store(Store store, byte[] key, WriteOptions options) {
        return ValueIntake.put(store, Key.of(key), bytes(), options);
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public boolean isCutOff() {
        return false;
    }

    private ByteBuffer bytes() {
        return length == 0 ? ByteBuffer.allocate(0) : input.view(0, length);
    }

    /** Takes the bytes out of the buffer. */
    @Override
    public void close() {
        input.consume(Math.min(length, input.available()));
    }
}
