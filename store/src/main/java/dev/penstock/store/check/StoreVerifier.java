package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import java.nio.file.Path;

public final class StoreVerifier {
    private StoreVerifier() {}

    public static VerifyReport verify(Path directory, ProgressListener listener) {
        throw new UnsupportedOperationException();
    }
}
