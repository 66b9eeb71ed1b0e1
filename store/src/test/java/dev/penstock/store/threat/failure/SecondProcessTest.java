package dev.penstock.store.threat.failure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreLockedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an owner does with its directory, no second process gets in. */
class SecondProcessTest {

    private static final String GRANTED = "--enable-native-access=ALL-UNNAMED";
    private static final String DENIED = "--illegal-native-access=deny";
    private static final String FORCED = "-Dpenstock.portable=true";
    private static final String BY_PATH = "-Dpenstock.portable=paths";

    @TempDir
    Path root;

    /** A JVM that answers a line with a line. */
    private static final class Child implements AutoCloseable {

        private final Process process;
        private final BufferedReader output;

        Child(String nativeAccess, String role, Path directory) throws IOException {
            process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            nativeAccess,
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xshare:auto",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LockedOwner.class.getName(),
                            role,
                            directory.toString()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
        }

        String line() throws IOException {
            return output.readLine();
        }

        void goOn() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {GRANTED, DENIED})
    void nothingThatAnOwnerDoesLetsASecondProcessIn(String ownersAccess) throws IOException {
        Path directory = root.resolve("store");
        try (Child owner = new Child(ownersAccess, "owner", directory);
                Child other = new Child(GRANTED, "other", directory);
                Child portable = new Child(DENIED, "other", directory)) {
            int count = 0;
            String way = owner.line();
            for (; way != null && !way.equals("closed"); way = owner.line()) {
                count++;
                for (Child child : List.of(other, portable)) {
                    child.goOn();
                    assertEquals("refused", child.line(), "after " + way);
                }
                owner.goOn();
            }
            assertEquals("closed", way, "the owner ended early");
            assertTrue(count >= 9, count + " ways");
            for (Child child : List.of(other, portable)) {
                child.goOn();
                assertEquals("got in", child.line());
            }
        }
    }

    /** Every way has a portable one beside it. */
    @ParameterizedTest
    @ValueSource(strings = {DENIED, DENIED + " " + BY_PATH, DENIED + " " + FORCED, GRANTED + " " + FORCED})
    void withoutNativeAccessAStoreDoesEverything(String access) throws Exception {
        Path loaded = root.resolve("loaded");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(access.split(" ")));
        command.addAll(List.of(
                "-Xlog:class+load:file=" + loaded,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                DeniedAccess.class.getName(),
                root.resolve("denied").toString()));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes(), US_ASCII);
        assertEquals(0, child.waitFor(), output);
        if (access.contains("portable")) {
            assertEquals(List.of(), nativeClasses(loaded));
        }
        try (Store store = Store.open(root.resolve("denied"))) {
            assertEquals(1_504, store.count());
        }
    }

    /** Classes through which every system call besides the JDK's goes, as far as the child has loaded them. */
    private static List<String> nativeClasses(Path log) throws IOException {
        Pattern nativeClass = Pattern.compile(
                "internal\\.io\\.(Posix\\$Native|CallMemory|Native(Directory|File|Lock)|Descriptor|RawMemory) ");
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        assertTrue(lines.stream().anyMatch(line -> line.contains("internal.io.PortableFile ")), "nothing was logged");
        return lines.stream().filter(line -> nativeClass.matcher(line).find()).toList();
    }

    @Test
    void aSecondClassLoaderIsRefusedAndDropsNoLock() throws Exception {
        Path directory = root.resolve("store");
        try (Store owner = Store.open(directory);
                Child other = new Child(GRANTED, "other", directory);
                URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            owner.put("key".getBytes(US_ASCII), new byte[10]);
            var open = loader.loadClass(Store.class.getName()).getMethod("open", Path.class);
            try {
                open.invoke(null, directory);
                throw new AssertionError("two owners in one process");
            } catch (InvocationTargetException refused) {
                assertEquals(
                        StoreLockedException.class.getName(),
                        refused.getCause().getClass().getName());
            }
            Class<?> verifier = loader.loadClass("dev.penstock.store.check.StoreVerifier");
            Class<?> listener = loader.loadClass(ProgressListener.class.getName());
            verifier.getMethod("verify", Path.class, listener)
                    .invoke(null, directory, listener.getField("NONE").get(null));
            other.goOn();
            assertEquals("refused", other.line());
        }
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : Arrays.asList(System.getProperty("java.class.path").split(":"))) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }
}
