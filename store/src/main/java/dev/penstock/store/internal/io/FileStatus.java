package dev.penstock.store.internal.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The result of {@code statx} for a file. */
final class FileStatus {

    /** Length of {@code struct statx}. */
    static final int LENGTH = 256;

    private static final int STATX_BASIC = 0x7ff;
    private static final int STATX_MNT_ID_UNIQUE = 0x4000;
    static final int WANTED = STATX_BASIC | STATX_MNT_ID_UNIQUE;

    private static final int TYPE_MASK = 0xf000;
    private static final int REGULAR = 0x8000;

    final int mode;
    final long inode;
    final long size;
    /** As {@code stat} has it. */
    final long device;
    /** Of the mount that the file was reached by; no other mount since the machine was started has it. 0 if unknown. */
    final long uniqueMount;

    FileStatus(MemorySegment status) {
        mode = status.get(ValueLayout.JAVA_SHORT, 28) & 0xffff;
        inode = status.get(ValueLayout.JAVA_LONG, 32);
        size = status.get(ValueLayout.JAVA_LONG, 40);
        device = device(status.get(ValueLayout.JAVA_INT, 136), status.get(ValueLayout.JAVA_INT, 140));
        boolean told = (status.get(ValueLayout.JAVA_INT, 0) & STATX_MNT_ID_UNIQUE) != 0;
        uniqueMount = told ? status.get(ValueLayout.JAVA_LONG, 144) : 0;
    }

    private static long device(int majorNumber, int minorNumber) {
        long major = Integer.toUnsignedLong(majorNumber);
        long minor = Integer.toUnsignedLong(minorNumber);
        return (major & 0xfffff000L) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00L) << 12 | minor & 0xff;
    }

    boolean isRegularFile() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    /** The same for the same file, as long as it exists; the text that Java's own file keys have. */
    String key() {
        return "(dev=" + Long.toHexString(device) + ",ino=" + Long.toUnsignedString(inode) + ')';
    }

    boolean isSameFile(@Nullable FileStatus other) {
        return other != null && inode == other.inode && device == other.device;
    }
}
