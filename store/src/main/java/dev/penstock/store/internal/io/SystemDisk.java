package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/** The real disk: by system calls on descriptors, or by Java's own means if those are not available. Stateless. */
public final class SystemDisk implements Disk {

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        return Posix.isAvailable() ? NativeDirectory.open(path) : PortableDirectory.open(path);
    }
}
