package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A name that is free again belongs to its new file: no thread that was late with the old one takes it away. */
@Timeout(60)
class RefusedDeletionsTest {

    private static final String NAME = "name";

    /** Runs inside of an attempt to delete, before the file is touched. */
    private interface Attempt {

        void run() throws Exception;
    }

    @TempDir
    Path directory;

    private final AtomicReference<Attempt> nextAttempt = new AtomicReference<>();
    private final RefusedDeletions refused = new RefusedDeletions(names());

    private PortableNames names() {
        return (PortableNames) Proxy.newProxyInstance(
                PortableNames.class.getClassLoader(),
                new Class<?>[] {PortableNames.class},
                (_, method, arguments) -> switch (method.getName()) {
                    case "arePosix" -> false;
                    case "attributes" ->
                        Files.readAttributes(
                                directory.resolve((String) arguments[0]),
                                BasicFileAttributes.class,
                                LinkOption.NOFOLLOW_LINKS);
                    case "deleteFile" -> {
                        Attempt attempt = nextAttempt.getAndSet(null);
                        if (attempt != null) {
                            attempt.run();
                        }
                        Files.delete(directory.resolve((String) arguments[0]));
                        yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @BeforeEach
    void theOldFile() throws IOException {
        Files.writeString(directory.resolve(NAME), "old");
    }

    private void refuse() throws IOException {
        nextAttempt.set(() -> {
            throw new AccessDeniedException(NAME);
        });
        refused.delete(NAME);
        assertTrue(refused.contains(NAME));
    }

    /** Gives the name to a new file, as a directory does that creates one. */
    private void createAnew() throws IOException {
        refused.release(NAME);
        Files.writeString(directory.resolve(NAME), "new");
    }

    /** Begins something in another thread, and goes on when that is done or waits for a lock. */
    private static Thread begin(Attempt action) {
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            try {
                action.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        while (other.getState() != Thread.State.TERMINATED && other.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
        return other;
    }

    private void assertNewFileStays() throws IOException {
        assertFalse(refused.contains(NAME), "the new file is hidden");
        refused.retryAll();
        assertEquals("new", Files.readString(directory.resolve(NAME)));
    }

    @Test
    void aNameWhoseDeletionWasRefusedIsReleasedOnceThoughAnotherThreadDeletesTheFileMeanwhile() throws Exception {
        refuse();
        AtomicReference<Thread> other = new AtomicReference<>();
        nextAttempt.set(() -> other.set(begin(() -> {
            refused.retryAll();
            createAnew();
        })));
        refused.release(NAME);
        other.get().join();
        assertNewFileStays();
    }

    @Test
    void aNameWhoseDeletionWasRefusedIsNotNotedAfterAnotherThreadHasGivenItToANewFile() throws Exception {
        AtomicReference<Thread> other = new AtomicReference<>();
        nextAttempt.set(() -> {
            other.set(begin(() -> {
                refused.delete(NAME);
                createAnew();
            }));
            throw new AccessDeniedException(NAME);
        });
        refused.delete(NAME);
        other.get().join();
        assertNewFileStays();
    }

    @Test
    void aNameWhoseDeletionWasRefusedIsForgottenWhenItIsDeletedAfterAll() throws IOException {
        refuse();
        refused.delete(NAME);
        assertFalse(refused.contains(NAME));
        assertFalse(Files.exists(directory.resolve(NAME)));
    }
}
