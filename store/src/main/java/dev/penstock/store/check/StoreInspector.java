package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import java.nio.file.Path;

public final class StoreInspector {
    private StoreInspector() {}

    public static StoreSummary inspect(Path directory, ProgressListener listener) {
        throw new UnsupportedOperationException();
    }
}
