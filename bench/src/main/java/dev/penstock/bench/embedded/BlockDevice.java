package dev.penstock.bench.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The device behind a folder, as Linux accounts for it. What it counts is what reached it, from every process: journal,
 * metadata and neighbours included.
 */
final class BlockDevice {

    private static final int SECTORS_WRITTEN_FIELD = 6;
    private static final int SECTOR_LENGTH = 512;

    private final Path statistics;

    private BlockDevice(Path statistics) {
        this.statistics = statistics;
    }

    /** The device that the folder's file system lies on; empty if the system has no such accounts. */
    static Optional<BlockDevice> of(Path folder) {
        Path mounts = Path.of("/proc/self/mountinfo");
        if (!Files.exists(mounts)) {
            return Optional.empty();
        }
        try {
            String number = deviceNumber(Files.readAllLines(mounts), folder.toRealPath());
            Path statistics = Path.of("/sys/dev/block", number, "stat");
            return Files.exists(statistics) ? Optional.of(new BlockDevice(statistics)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The third field of the mount whose mount point, the fifth, is the longest that the folder lies in. */
    static String deviceNumber(List<String> mountInfo, Path folder) {
        String number = "";
        int longest = -1;
        for (String mount : mountInfo) {
            String[] fields = mount.split(" ", -1);
            Path point = Path.of(fields[4]);
            if (folder.startsWith(point) && point.getNameCount() >= longest) {
                longest = point.getNameCount();
                number = fields[2];
            }
        }
        return number;
    }

    long bytesWritten() {
        try {
            String[] fields = Files.readString(statistics).strip().split("\\s+", -1);
            return Long.parseLong(fields[SECTORS_WRITTEN_FIELD]) * SECTOR_LENGTH;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
