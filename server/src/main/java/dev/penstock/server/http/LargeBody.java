package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.Protocol.Progress;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.Upload;
import dev.penstock.server.transfer.Wire;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.ValueIntake;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body of known length that goes from the socket into the file of its value. */
final class LargeBody implements Body, Intake {

    private final RequestBuffer input;
    private final Turn turn;
    private final Upload upload;
    private final @Nullable Digests digests;
    private final boolean isDropped;

    /** @param isDropped whether the upload is refused, and the bytes are read all the same to keep the connection */
    LargeBody(RequestBuffer input, Turn turn, Upload upload, @Nullable Digests digests, boolean isDropped) {
        this.input = input;
        this.turn = turn;
        this.upload = upload;
        this.digests = digests;
        this.isDropped = isDropped;
        if (digests != null) {
            upload.observe(digests::update);
        }
    }

    @Override
    public Progress take() {
        int arrived = (int) Math.min(upload.remaining(), Math.min(input.available(), TAKEN_AT_ONCE));
        if (arrived > 0) {
            turn.spendBytes(arrived);
            upload.write(input.view(0, arrived));
            input.consume(arrived);
        }
        if (isComplete()) {
            return Progress.DONE;
        }
        return input.available() > 0 ? Progress.PART : Progress.INTAKE;
    }

    @Override
    public Intake intake() {
        return this;
    }

    @Override
    public int readFrom(Wire source, int limit, TransferContext transfers) throws IOException {
        return upload.readFrom(source, limit, transfers);
    }

    /** Once the store has refused the value, the client is told so and need not send the rest. */
    @Override
    public boolean isComplete() {
        return upload.isComplete() || !isDropped && upload.isRefused();
    }

    @Override
    public void verify() {
        if (digests != null && !upload.isRefused()) {
            digests.check();
        }
    }

    @Override
    public long store(Store store, byte[] key, WriteOptions options) {
        return ValueIntake.commit(upload.writer(), options);
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public boolean isCutOff() {
        return !upload.isComplete();
    }

    @Override
    public void close() {
        upload.close();
    }
}
