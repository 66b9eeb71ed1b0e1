package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The real disk: by Linux's system calls where they can be made, and otherwise by the JDK alone. What can be made is
 * probed once; {@link PortableMode} forces the second. Stateless.
 */
public final class SystemDisk implements Disk {

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        PortableMode.check();
        return Posix.isAvailable() ? NativeDirectory.open(path) : PortableDirectory.open(path);
    }
}
