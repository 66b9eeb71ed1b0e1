package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.io.Disk;
import java.nio.file.Path;

/** Verifies a store on a disk of a test's own, which only the caller's thread touches. */
public final class DiskVerifier {

    private DiskVerifier() {}

    public static VerifyReport verify(Disk disk, Path directory) {
        return StoreVerifier.verify(disk, directory, ProgressListener.NONE, 1);
    }
}
