package dev.penstock.store.internal.engine;

import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.segment.RecordFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The errors of an open store, which {@link PageLoss} may end or deprive of a file. Thread-safe. */
final class EngineErrors extends StoreErrors {

    private final Path path;
    private final PageLoss pageLoss;
    /** The store, whose closing explains that memory or a file is gone; null while it is being closed. */
    private final @Nullable Engine engine;
    /** What is being read; null if that is not known. */
    private final @Nullable RecordFile suspect;

    EngineErrors(Path path, PageLoss pageLoss, @Nullable Engine engine) {
        this(path, pageLoss, engine, null);
    }

    private EngineErrors(Path path, PageLoss pageLoss, @Nullable Engine engine, @Nullable RecordFile suspect) {
        this.path = path;
        this.pageLoss = pageLoss;
        this.engine = engine;
        this.suspect = suspect;
    }

    /** The same where it is known what is being read. */
    EngineErrors reading(@Nullable RecordFile file) {
        return new EngineErrors(path, pageLoss, engine, file);
    }

    @Override
    protected StoreException pageLost(InternalError e) {
        return pageLoss.exception(e, suspect);
    }

    @Override
    protected boolean isClosed() {
        return engine != null && engine.isClosed();
    }

    @Override
    public StoreClosedException closed() {
        return new StoreClosedException(path + " is closed");
    }
}
