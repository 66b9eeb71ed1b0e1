package dev.penstock.store.internal.engine;

import dev.penstock.store.StoreOptions;

/**
 * What an open store is made of. The superclass of the public store, as {@link RecordCursor} is of the public view: the
 * public classes show none of it, and {@link TransferAccess} reaches it.
 */
public abstract class OpenStore {

    protected final Engine engine;
    protected final ReadPath reads;
    protected final WritePath writes;

    protected OpenStore(Engine engine, StoreOptions options) {
        this.engine = engine;
        this.reads = new ReadPath(engine, options.verifyOnRead());
        this.writes = new WritePath(engine);
    }
}
