package dev.penstock.store.threat.power;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.store.LiveFile;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.format.FileNames;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A read-only store is opened after a power cut, before any owner has recovered the log. It shows what the next owner
 * will find, nothing of what was lost, and continues behind that owner.
 */
public class FollowerAfterPowerCutTest {

    private static final StoreOptions OWNER =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final StoreOptions READER = OWNER.withReadOnly(true);
    private static final int LARGE_LENGTH = 300_000;

    /** What the device did not get of the large value. */
    enum Loss {
        FILE {
            @Override
            void happenTo(Path value) throws IOException {
                Files.delete(value);
            }
        },
        END {
            @Override
            void happenTo(Path value) throws IOException {
                try (RandomAccessFile file = new RandomAccessFile(value.toFile(), "rw")) {
                    file.setLength(LARGE_LENGTH / 2);
                }
            }
        },
        PAGES {
            @Override
            void happenTo(Path value) throws IOException {
                try (RandomAccessFile file = new RandomAccessFile(value.toFile(), "rw")) {
                    file.seek(LARGE_LENGTH / 2);
                    file.write(new byte[8192]);
                }
            }
        };

        abstract void happenTo(Path value) throws IOException;
    }

    /** What the lost value was written by. */
    enum Write {
        PUT {
            @Override
            void to(Store store) {
                store.put(bytes("large"), random(LARGE_LENGTH, 2));
            }
        },
        BATCH {
            @Override
            void to(Store store) {
                store.write(new WriteBatch()
                        .remove(bytes("small"))
                        .put(bytes("other"), bytes("new"))
                        .put(bytes("large"), random(LARGE_LENGTH, 2)));
            }
        },
        CLEAR_WITH_BATCH {
            @Override
            void to(Store store) {
                store.replaceAll(new WriteBatch().put(bytes("large"), random(LARGE_LENGTH, 2)));
            }
        };

        abstract void to(Store store);
    }

    @TempDir
    Path root;

    /** What is on the device of a store that loses a write, and more that came behind it. */
    private Path lost(Write write, Loss loss) throws IOException {
        Path store = root.resolve("store");
        Path device = root.resolve("device");
        try (Store owner = Store.open(store, OWNER)) {
            owner.put(bytes("small"), bytes("value"));
            owner.put(bytes("large"), bytes("before"));
            owner.sync();
            write.to(owner);
            owner.put(bytes("later"), bytes("value"));
            copy(store, device);
        }
        // Of another boot than any there is.
        Files.delete(device.resolve(FileNames.LOCK));
        loss.happenTo(device.resolve(FileNames.largeValue(1)));
        return device;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                LiveFile.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void assertAsBefore(Store store) {
        assertEquals(2, store.count());
        assertArrayEquals(bytes("value"), store.getBytes(bytes("small")));
        assertArrayEquals(bytes("before"), store.getBytes(bytes("large")));
        assertNull(store.getBytes(bytes("later")));
    }

    static Stream<Arguments> losses() {
        return Stream.of(Write.values())
                .flatMap(write -> Stream.of(Loss.values()).map(loss -> Arguments.of(write, loss)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aWriteThatLostItsValueIsNotShownNorAnyPartOfIt(Write write, Loss loss) throws IOException {
        Path device = lost(write, loss);
        try (Store reader = Store.open(device, READER)) {
            assertAsBefore(reader);
            reader.refresh();
            assertAsBefore(reader);
            try (Store owner = Store.open(device, OWNER)) {
                assertAsBefore(owner);
                reader.refresh();
                assertAsBefore(reader);
                owner.put(bytes("large"), random(LARGE_LENGTH, 3));
                owner.put(bytes("after"), bytes("value"));
                reader.refresh();
                assertEquals(owner.count(), reader.count());
                assertArrayEquals(random(LARGE_LENGTH, 3), reader.getBytes(bytes("large")));
                assertArrayEquals(bytes("value"), reader.getBytes(bytes("after")));
            }
        }
    }
}
