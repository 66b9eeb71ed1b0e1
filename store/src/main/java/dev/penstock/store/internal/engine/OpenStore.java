package dev.penstock.store.internal.engine;

import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.read.DirectoryScan;
import dev.penstock.store.internal.read.ReadPath;
import dev.penstock.store.internal.read.RecordCursor;

/**
 * The parts of an open store. The public store extends this class, as the public view extends {@link RecordCursor}.
 * The public API shows none of it; {@link TransferAccess} reaches it.
 *
 * @hidden
 */
@SuppressWarnings("InvalidBlockTag") // Error Prone does not know @hidden on a class
public abstract class OpenStore {

    protected final Engine engine;
    protected final ReadPath reads;
    protected final DirectoryScan scans;
    protected final WritePath writes;

    protected OpenStore(Engine engine, StoreOptions options) {
        this.engine = engine;
        this.reads = new ReadPath(engine.reading, options.verifyOnRead());
        this.scans = new DirectoryScan(engine.reading, reads, options.verifyOnRead());
        this.writes = new WritePath(engine);
    }
}
