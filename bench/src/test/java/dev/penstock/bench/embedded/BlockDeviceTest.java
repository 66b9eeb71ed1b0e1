package dev.penstock.bench.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockDeviceTest {

    private static final List<String> MOUNTS = List.of(
            "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
            "23 22 0:20 / /proc rw - proc proc rw",
            "24 22 254:16 / /data rw shared:7 - ext4 /dev/vdb rw",
            "25 24 254:32 / /data rw - ext4 /dev/vdc rw");

    @Test
    void aFolderLiesOnTheNearestMountAboveIt() {
        assertEquals("254:0", BlockDevice.deviceNumber(MOUNTS, Path.of("/home/data")));
        assertEquals("254:0", BlockDevice.deviceNumber(MOUNTS, Path.of("/database")));
    }

    @Test
    void theLaterOfTwoMountsAtOnePlaceHidesTheEarlier() {
        assertEquals("254:32", BlockDevice.deviceNumber(MOUNTS, Path.of("/data/store")));
    }
}
