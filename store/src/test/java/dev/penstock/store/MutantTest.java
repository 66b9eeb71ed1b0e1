package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.penstock.store.internal.compaction.Compactor;
import dev.penstock.store.internal.compaction.RetiredFiles;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.write.DeferredDeletion;
import dev.penstock.store.internal.write.GroupCommit;
import dev.penstock.store.internal.write.Relocation;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The tests of what survives a crash can fail: each part of the store's crash logic that is taken out is missed by one of
 * them.
 */
@Execution(ExecutionMode.CONCURRENT) // each has a directory and classes of its own
class MutantTest {

    /** Fixed: whether a mutant is found must not be a matter of luck. */
    private static final long SEED = 1;

    /** {@code -Dpenstock.mutant} picks mutants by a part of their names. */
    private static final String ONLY = System.getProperty("penstock.mutant", "");

    private static final long STATES = 200_000;
    private static final long STATES_OF_THE_SOUND_STORE = 20_000;
    private static final long HANGING_MILLIS = 300_000;

    private static final Class<?> SEGMENT_FILES = hidden("internal.recovery.SegmentFiles");

    private static final Class<?> EVACUATION = hidden("internal.compaction.Evacuation");

    private static Class<?> hidden(String name) {
        try {
            return Class.forName("dev.penstock.store." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** A store with a part of its crash logic taken out, and the test that misses it. */
    record Mutant(String name, Killer killer, List<Patch> patches) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** Runs a test of the classes of a loader; throws what the test throws. */
    interface Killer {
        void run(ClassLoader classes, Path directory) throws Throwable;
    }

    private static final Logger LOGGER = Logger.getLogger("dev.penstock.store");

    @TempDir
    Path directory;

    @BeforeAll
    static void silence() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOGGER.setLevel(null);
    }

    static Stream<Mutant> mutants() {
        return all().filter(mutant -> mutant.name().contains(ONLY));
    }

    private static Stream<Mutant> all() {
        return Stream.of(
                // what is believed
                cut("header checksums are not compared", Patch.body(HeaderImage.class, "isSound", returning(1))),
                cut("value checksums are not compared", Patch.body(RecordScanner.class, "isValueSound", returning(1))),
                cut(
                        "the records of a batch are not looked at",
                        Patch.body(
                                RecordScanner.class,
                                "examineBatch",
                                code -> code.aconst_null().areturn())),
                cut(
                        "values of the tail are trusted",
                        Patch.body(
                                Recovery.class,
                                "firstUnsoundValue",
                                code -> code.loadConstant(Long.MAX_VALUE).lreturn())),
                cut(
                        "large values are trusted",
                        Patch.body(
                                LargeValueCheck.class,
                                "problem",
                                code -> code.loadConstant("").areturn())),
                cut(
                        "a power cut is taken for the death of a process",
                        Patch.first(
                                DirectoryLock.class,
                                "isSameBoot",
                                code -> code.aload(0).invokevirtual(describe(DirectoryLock.class), "recovered", VOID))),
                killed(
                        "checksums have no salt",
                        EndOfLogTest.class,
                        "aRecordOfAnotherPlaceIsNotTakenForTheNextOne",
                        Patch.body(Checksum.class, "salt", returning(0))),
                // the order of stores
                cut("a record is published before its payload", Patch.otherNumber(HeaderImage.class, "store", 4, 0)),
                // forces
                cut(
                        "large values are not forced",
                        Patch.body(GroupCommit.class, "forceLargeValues", CodeBuilder::return_)),
                cut(
                        "large values of a dead process are not forced",
                        Set.of("put", "sync", "kill"),
                        Patch.body(GroupCommit.class, "addRecovered", CodeBuilder::return_)),
                cut(
                        "only the last segment is forced",
                        Patch.otherCall(GroupCommit.class, "force", "durablePosition", "publishedPosition")),
                cut("close does not force", Patch.withoutCall(Engine.class, "settle", "await")),
                cut("a new segment is not forced", Patch.withoutCall(SegmentFactory.class, "create", "force")),
                cut(
                        "a new segment's name is not forced",
                        Patch.withoutCall(SegmentFactory.class, "create", "forceDirectory")),
                cut(
                        "the files of a new store are not forced",
                        Patch.withoutCall(StoreCreation.class, "writeForced", "force")),
                cut(
                        "the names of a new store are not forced",
                        Patch.withoutCall(StoreCreation.class, "create", "forceDirectory")),
                cut("recovery does not force names", Patch.withoutCall(SEGMENT_FILES, "sweep", "forceNames")),
                cut(
                        "the cut of the tail is not forced",
                        Set.of("put", "cut"),
                        Patch.withoutCall(SEGMENT_FILES, "trim", "force")),
                killed(
                        "the log is forced before large values",
                        DurabilityTest.class,
                        "aLargeValueAndItsNameAreForcedBeforeTheLogThatRefersToThem",
                        Patch.withoutCall(GroupCommit.class, "force", "forceLargeValues"),
                        Patch.beforeCall(
                                GroupCommit.class,
                                "force",
                                "durable",
                                code -> code.aload(0)
                                        .invokevirtual(describe(GroupCommit.class), "forceLargeValues", VOID))),
                killed(
                        "a failed force is forgotten",
                        DurabilityTest.class,
                        "afterAForceFailedTheStoreTakesNoMoreWritesAndNeverSaysItIsDurable",
                        Patch.body(Failure.class, "checkSound", CodeBuilder::return_)),
                // deletions
                cut("the tail is not cut", Patch.withoutCall(SEGMENT_FILES, "cutBehind", "trim")),
                cut(
                        "a large value goes before what replaces it is durable",
                        Patch.withoutCall(DeferredDeletion.class, "doWork", "await")),
                cut(
                        "a retired segment goes before its retirement is durable",
                        Patch.withoutCall(Compactor.class, "retire", "await", 1)),
                cut(
                        "a segment is retired before its copies are durable",
                        Patch.withoutCall(Compactor.class, "retire", "await", 0)),
                cut("recovery deletes before the log is durable", Patch.withoutCall(SEGMENT_FILES, "sweep", "force")),
                // what is kept
                cut("retirements are not heeded", Patch.body(Recovery.class, "dropRetired", returning(0))),
                cut(
                        "compaction drops tombstones",
                        Set.of("put", "remove", "compact"),
                        Patch.withoutCall(EVACUATION, "move", "moveTombstone")),
                killed(
                        "compaction drops tombstones though an older segment is there",
                        BackgroundCompactionTest.class,
                        "aRemovalOutlivesWhatItHides",
                        Patch.body(Compactor.class, "isOlderKept", returning(0))),
                killed(
                        "compaction drops the clearing of older segments",
                        BackgroundCompactionTest.class,
                        "aClearingOutlivesWhatItClears",
                        Patch.body(EVACUATION, "mustWait", returning(0))),
                cut("compaction drops retirements", Patch.withoutCall(EVACUATION, "move", "moveRetirement")),
                killed(
                        "compaction drops retirements of files that are there",
                        BackgroundCompactionTest.class,
                        "aRetirementOutlivesTheFileOfWhatIsRetired",
                        Patch.body(
                                RetiredFiles.class,
                                "lowestNumber",
                                code -> code.loadConstant(Long.MAX_VALUE).lreturn())),
                cut(
                        "a record is copied though it is not current",
                        Set.of("put", "remove", "slice"),
                        Patch.withoutCall(Relocation.class, "moveIfCurrent", "isCurrent")),
                killed(
                        "no marks are written",
                        EndOfLogTest.class,
                        "damageBelowAMarkIsNamedThoughTheCheckpointIsGone",
                        Patch.body(Log.class, "makeMark", CodeBuilder::return_)),
                killed(
                        "marks behind the end are not looked for",
                        EndOfLogTest.class,
                        "damageBelowAMarkIsNamedThoughTheCheckpointIsGone",
                        Patch.body(Recovery.class, "searchMarksBeyondTail", CodeBuilder::return_)));
    }

    private static final MethodTypeDesc VOID = MethodTypeDesc.of(ConstantDescs.CD_void);

    private static ClassDesc describe(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static Consumer<CodeBuilder> returning(int result) {
        return code -> code.loadConstant(result).ireturn();
    }

    /** A mutant that the simulated power cuts kill. */
    private static Mutant cut(String name, Patch... patches) {
        return cut(name, Set.of(), patches);
    }

    /** One that they kill in lives of few different operations, which lead to where it matters. */
    private static Mutant cut(String name, Set<String> only, Patch... patches) {
        return new Mutant(name, (classes, directory) -> cutPower(classes, directory, STATES, only), List.of(patches));
    }

    /** A mutant that one of the other tests kills. */
    private static Mutant killed(String name, Class<?> test, String method, Patch... patches) {
        return new Mutant(name, (classes, _) -> runTest(classes, test, method), List.of(patches));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void aMutantIsKilled(Mutant mutant) throws Exception {
        Throwable thrown = outcome(mutant);
        assertNotNull(thrown, "nothing missed what was taken out: " + mutant);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinkageError
                    || String.valueOf(cause.getMessage()).contains("No space left")) {
                throw new AssertionError("something else is wrong", thrown);
            }
        }
        System.out.println("MutantTest: " + mutant + ": "
                + String.valueOf(thrown.getMessage()).lines().findFirst().orElse(""));
    }

    /** The same way, with nothing taken out; and the process is killed before each store into memory. */
    @Test
    void theStoreItselfIsNot() throws Exception {
        assertNull(outcome(new Mutant(
                "none", (classes, place) -> cutPower(classes, place, STATES_OF_THE_SOUND_STORE, Set.of()), List.of())));
        for (Mutant mutant : mutants().toList()) {
            assertFalse(mutant.patches().isEmpty());
        }
    }

    /** What its killer throws; null if it survives. */
    private Throwable outcome(Mutant mutant) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        ClassLoader classes = new PatchingLoader(mutant.patches());
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            Thread.currentThread().setContextClassLoader(classes);
            try {
                mutant.killer().run(classes, directory);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.join(HANGING_MILLIS);
        assertTrue(!thread.isAlive(), mutant + " hangs");
        return thrown.get();
    }

    private static void cutPower(ClassLoader classes, Path directory, long states, Set<String> only) throws Throwable {
        Method live = classes.loadClass(PowerLossTest.class.getName())
                .getDeclaredMethod("live", Path.class, long.class, long.class, Set.class);
        live.setAccessible(true);
        try {
            live.invoke(null, directory, SEED, states, only);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void runTest(ClassLoader classes, Class<?> test, String method) throws Throwable {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(classes.loadClass(test.getName()), method))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        if (summary.getTestsStartedCount() != 1) {
            throw new NoSuchMethodError(test.getName() + "." + method);
        }
        for (TestExecutionSummary.Failure failure : summary.getFailures()) {
            throw failure.getException();
        }
    }
}
