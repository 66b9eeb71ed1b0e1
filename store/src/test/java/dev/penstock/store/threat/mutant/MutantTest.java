package dev.penstock.store.threat.mutant;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.penstock.store.DescriptorsTest;
import dev.penstock.store.ExpiryTest;
import dev.penstock.store.MarkTest;
import dev.penstock.store.internal.compaction.BackgroundCompactionTest;
import dev.penstock.store.internal.compaction.RecordRelocator;
import dev.penstock.store.internal.compaction.RetiredFiles;
import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.engine.StoreClock;
import dev.penstock.store.internal.engine.UnfinishedValue;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.DurabilityTest;
import dev.penstock.store.internal.log.EndOfLogTest;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.log.PublicationTest;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import dev.penstock.store.internal.recovery.LogExtent;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.recovery.UnforcedValues;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.snapshot.Backup;
import dev.penstock.store.internal.snapshot.BackupTarget;
import dev.penstock.store.internal.snapshot.BackupTargetTest;
import dev.penstock.store.internal.write.DeferredDeletion;
import dev.penstock.store.threat.failure.FailingCallTest;
import dev.penstock.store.threat.failure.IndexMemoryTest;
import dev.penstock.store.threat.hostile.DivergedCopyTest;
import dev.penstock.store.threat.hostile.ExchangedValueTest;
import dev.penstock.store.threat.hostile.MissingSegmentTest;
import dev.penstock.store.threat.hostile.NumberLimitsTest;
import dev.penstock.store.threat.hostile.PageLossTest;
import dev.penstock.store.threat.hostile.VerifiedFrameTest;
import dev.penstock.store.threat.power.BackupPowerLossTest;
import dev.penstock.store.threat.power.FollowerAfterPowerCutTest;
import dev.penstock.store.threat.power.PowerLossTest;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The tests of what survives a crash can fail: each part of the store's crash logic that is taken out is missed by one
 * of them.
 */
@Tag("slow")
class MutantTest {

    /** Fixed: whether a mutant is found must not be a matter of luck. */
    private static final long SEED = 1;

    /** {@code -Dpenstock.mutant} picks mutants by a part of their names. */
    private static final String ONLY = System.getProperty("penstock.mutant", "");

    private static final long STATES = 200_000;
    private static final long STATES_OF_THE_SOUND_STORE = 4_000;
    private static final long HANGING_MILLIS = 300_000;

    private static final Class<?> SEGMENT_FILE = hidden("internal.segment.SegmentFile");
    private static final Class<?> SEGMENT_FILES = hidden("internal.recovery.SegmentFiles");

    private static final Class<?> NATIVE_LOCK = hidden("internal.io.NativeLock");
    private static final Class<?> SEGMENT_EVACUATOR = hidden("internal.compaction.SegmentEvacuator");
    private static final Class<?> SEGMENT_EVACUATION = hidden("internal.compaction.SegmentEvacuation");
    private static final Class<?> MAPPED_FILE_RULES_TEST = hidden("internal.io.MappedFileRulesTest");
    private static final Class<?> RECORD_RELOCATOR_TEST = hidden("internal.compaction.RecordRelocatorTest");
    private static final Class<?> BATCH_WRITER = hidden("internal.write.BatchWriter");
    private static final Class<?> CURRENT_RECORDS = hidden("internal.write.CurrentRecords");
    private static final Class<?> PUBLICATION_ORDER = hidden("internal.log.PublicationOrder");
    private static final Class<?> RETIREMENT = hidden("internal.compaction.Retirement");

    private static final Class<?> REPLAY = hidden("internal.recovery.Replay");
    private static final Class<?> STORE_WALK = hidden("check.StoreWalk");
    private static final Class<?> SPACE_RESERVE = hidden("internal.log.SpaceReserve");

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
                cut(
                        "header checksums are not compared",
                        3831662765844904176L,
                        Patch.body(RecordHeader.class, "isSound", returning(1))),
                cut("verify takes a torn tail for damage", 1L, Patch.body(STORE_WALK, "isDamage", returning(1))),
                cut(
                        "verify believes what lies behind the end",
                        -974081879987450628L,
                        Patch.body(STORE_WALK, "hasRecordBehind", returning(0))),
                cut(
                        "value checksums are not compared",
                        -4964420948893066024L,
                        Patch.body(RecordScanner.class, "isValueSound", returning(1))),
                cut(
                        "the records of a batch are not looked at",
                        7564655870752979346L,
                        Patch.body(
                                RecordScanner.class,
                                "examineBatch",
                                code -> code.aconst_null().areturn())),
                cut(
                        "values of the tail are trusted",
                        -4964420948893066024L,
                        Patch.body(
                                UnforcedValues.class,
                                "firstUnsound",
                                code -> code.invokestatic(
                                                ClassDesc.of("java.util.OptionalLong"),
                                                "empty",
                                                MethodTypeDesc.of(ClassDesc.of("java.util.OptionalLong")))
                                        .areturn())),
                cut(
                        "large values are trusted",
                        -4964420948893066024L,
                        Patch.body(
                                LargeValueCheck.class,
                                "problem",
                                code -> code.loadConstant("").areturn())),
                cut(
                        "a power cut is taken for the death of a process",
                        -8796603504740353600L,
                        Patch.first(
                                DirectoryLock.class,
                                "isSameBoot",
                                code -> code.aload(0).invokevirtual(describe(DirectoryLock.class), "recovered", VOID))),
                killed(
                        "checksums have no salt",
                        EndOfLogTest.class,
                        "aRecordOfAnotherPlaceIsNotTakenForTheNextOne",
                        Patch.body(Checksum.class, "salt", returning(0))),
                killed(
                        "a checkpoint is not compared with the log",
                        DivergedCopyTest.class,
                        "theCheckpointOfADivergedCopyHidesNoKey",
                        Patch.body(hidden("internal.recovery.ImageSample"), "isOfThisLog", returning(1))),
                killed(
                        "a reader goes on behind what a power cut took",
                        FollowerAfterPowerCutTest.class,
                        "aWriteThatLostItsValueIsNotShownNorAnyPartOfIt",
                        Patch.body(
                                Recovery.class,
                                "leastSequence",
                                code -> code.lconst_0().lreturn())),
                // the order of stores
                cut(
                        "a record is published before its payload",
                        7564655870752979346L,
                        Patch.otherNumber(RecordHeader.class, "store", 4, 0)),
                // files that are opened again
                killed(
                        "the header of a file is not looked at when it is opened again",
                        hidden("internal.segment.ReopenedFilesTest"),
                        "aFileThatSomebodyExchangedIsRefused",
                        Patch.body(SegmentFactory.class, "checkIdentity", CodeBuilder::return_)),
                killed(
                        "the record of a large value is not compared with its reference",
                        ExchangedValueTest.class,
                        "theFileOfAnotherValueIsNamedAndNeverServed",
                        Patch.body(ValueReference.class, "refersTo", returning(1))),
                killed(
                        "a segment's file that is opened again may be another",
                        hidden("internal.segment.ReopenedFilesTest"),
                        "aSegmentOfTheLogWhoseFileIsAnotherOrGoneIsReadFromItsMapping",
                        Patch.body(SEGMENT_FILE, "isSame", returning(1))),
                killed(
                        "superseded values wait without a bound",
                        DescriptorsTest.class,
                        "supersededValuesDoNotPileUp",
                        Patch.body(DeferredDeletion.class, "relieve", CodeBuilder::return_)),
                // forces
                cut(
                        "large values are not forced",
                        -4964420948893066024L,
                        Patch.body(GroupCommit.class, "forceLargeValues", CodeBuilder::return_)),
                cut(
                        "large values of a dead process are not forced",
                        2891469594365336806L,
                        Set.of("put", "sync", "kill"),
                        Patch.body(GroupCommit.class, "addRecovered", CodeBuilder::return_)),
                cut(
                        "only the last segment is forced",
                        -4964420948893066024L,
                        Patch.otherCall(GroupCommit.class, "force", "durablePosition", "publishedPosition")),
                cut(
                        "close does not force",
                        3831662765844904176L,
                        Patch.withoutCall(OwnerEngine.class, "settle", "await")),
                cut(
                        "a new segment is not forced",
                        -4964420948893066024L,
                        Patch.withoutCall(SegmentFactory.class, "create", "force", 0)),
                cut(
                        "a new segment's name is not forced",
                        -4964420948893066024L,
                        Patch.withoutCall(SegmentFactory.class, "create", "force", 1)),
                cut(
                        "the files of a new store are not forced",
                        -4964420948893066024L,
                        Patch.withoutCall(StoreCreation.class, "writeForced", "force")),
                cut(
                        "the names of a new store are not forced",
                        -4964420948893066024L,
                        Patch.withoutCall(StoreCreation.class, "create", "force")),
                killed(
                        "recovery does not force names",
                        EndOfLogTest.class,
                        "whatRecoveryDeletesIsGoneForGoodBeforeAnyFileIsMade",
                        Patch.withoutCall(SEGMENT_FILES, "sweep", "forceNames")),
                killed(
                        "the wiping of the tail is not forced",
                        EndOfLogTest.class,
                        "whatIsWipedBehindTheEndIsForcedBeforeAnythingElseHappens",
                        Patch.withoutCall(SEGMENT_FILES, "wipe", "force")),
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
                        Patch.body(FailureLatch.class, "checkSound", CodeBuilder::return_)),
                // what counts already
                killed(
                        "a published value is abandoned",
                        PublicationTest.class,
                        "aForceThatFailsWhileALargeValueWaitsToBePublishedTakesNothingAway",
                        Patch.body(LargeSegment.class, "isCommitted", returning(0)),
                        Patch.body(PUBLICATION_ORDER, "isBroken", returning(1))),
                killed(
                        "a batch does not look up what it replaces before it counts",
                        PublicationTest.class,
                        "aBatchThatMeetsADamagedKeyChangesNothing",
                        Patch.body(BATCH_WRITER, "lookUp", CodeBuilder::return_)),
                killed(
                        "no room is made in the key directory before a record counts",
                        IndexMemoryTest.class,
                        "whicheverRequestForMemoryFailsNothingIsLostAndNothingIsHalfThere",
                        Patch.body(CURRENT_RECORDS, "reserve", CodeBuilder::return_)),
                killed(
                        "a checkpoint lists a large value that nothing refers to yet",
                        PublicationTest.class,
                        "aCheckpointThatMeetsALargeValueBeforeItsReferenceIsOfUse",
                        Patch.body(LargeSegment.class, "isReferredTo", returning(1))),
                killed(
                        "a lost page of one segment fails the store",
                        PageLossTest.class,
                        "aLostPageOfASealedSegmentConcernsThatSegmentAlone",
                        Patch.body(OwnerEngine.class, "isTail", returning(1))),
                killed(
                        "the frame of a verified value is not looked at",
                        VerifiedFrameTest.class,
                        "everyFlippedByteOfAFrameIsNamedByReadsAndByVerify",
                        Patch.body(RecordLayout.class, "isFrameSound", returning(1))),
                killed(
                        "the clock goes backwards",
                        ExpiryTest.class,
                        "whatWasFoundToHaveExpiredStaysGoneWhenTheClockIsSetBack",
                        Patch.body(
                                StoreClock.class,
                                "before",
                                code -> code.loadConstant(Long.MIN_VALUE).lreturn())),
                killed(
                        "what had expired is not kept",
                        ExpiryTest.class,
                        "whatHadExpiredStaysGoneOverACloseWhenTheClockIsSetBack",
                        Patch.body(ExpiryMark.class, "covers", returning(0))),
                // deletions
                cut("the tail is not cut", -594798593157429144L, Patch.withoutCall(SEGMENT_FILES, "cutBehind", "wipe")),
                cut(
                        "a large value goes before what replaces it is durable",
                        2891469594365336806L,
                        Set.of("put", "background", "sync"),
                        Patch.withoutCall(DeferredDeletion.class, "work", "await")),
                cut(
                        "a retired segment goes before its retirement is durable",
                        -4964420948893066024L,
                        Patch.withoutCall(RETIREMENT, "retire", "await", 1)),
                cut(
                        "a segment is retired before its copies are durable",
                        7564655870752979346L,
                        Patch.withoutCall(RETIREMENT, "retire", "await", 0)),
                cut(
                        "recovery deletes before the log is durable",
                        2891469594365336806L,
                        Set.of("put", "background", "kill"),
                        Patch.withoutCall(SEGMENT_FILES, "sweep", "force")),
                // what is kept
                cut(
                        "retirements are not heeded",
                        -1109287713991315740L,
                        Patch.body(Recovery.class, "dropRetired", returning(0))),
                cut(
                        "compaction drops tombstones",
                        -594798593157429144L,
                        Set.of("put", "remove", "compact"),
                        Patch.body(RecordRelocator.class, "isRemoved", returning(0))),
                killed(
                        "compaction drops tombstones though an older segment is there",
                        BackgroundCompactionTest.class,
                        "aRemovalOutlivesWhatItHides",
                        Patch.body(SEGMENT_EVACUATOR, "isOlderKept", returning(0))),
                killed(
                        "compaction drops the clearing of older segments",
                        BackgroundCompactionTest.class,
                        "aClearingOutlivesWhatItClears",
                        Patch.body(SEGMENT_EVACUATION, "mustWait", returning(0))),
                cut(
                        "compaction drops retirements",
                        -4964420948893066024L,
                        Patch.withoutCall(SEGMENT_EVACUATION, "look", "repeatRetirement")),
                killed(
                        "compaction drops retirements of files that are there",
                        BackgroundCompactionTest.class,
                        "aRetirementOutlivesTheFileOfWhatIsRetired",
                        Patch.body(
                                RetiredFiles.class,
                                "lowestNumber",
                                code -> code.loadConstant(Long.MAX_VALUE).lreturn()),
                        WHAT_PRECEDES_THE_LOG_COUNTS),
                killed(
                        "a file that precedes the log counts",
                        MAPPED_FILE_RULES_TEST,
                        "aFileThatWasNotDeletedBringsNoRemovedKeyBack",
                        WHAT_PRECEDES_THE_LOG_COUNTS),
                killed(
                        "compaction drops the mark",
                        MarkTest.class,
                        "compactionKeepsTheMark",
                        Patch.body(RecordRelocator.class, "isCurrentMark", returning(0))),
                killed(
                        "a checkpoint forgets the mark",
                        MarkTest.class,
                        "aCheckpointKeepsTheMark",
                        Patch.body(
                                hidden("internal.checkpoint.SegmentTally"),
                                "currentMark",
                                code -> code.aconst_null().areturn())),
                cut(
                        "a record is copied though it is not current",
                        -4232865876030345843L,
                        Set.of("put", "remove", "slice"),
                        Patch.body(RecordRelocator.class, "isCurrent", returning(1))),
                cut(
                        "copies are published before all of them are there",
                        7564655870752979346L,
                        Set.of("put", "remove", "slice", "compact"),
                        Patch.body(
                                RecordLayout.class,
                                "unpublished",
                                code -> code.iload(0).ireturn())),
                backedUp(
                        "a copy for a backup is not forced",
                        0,
                        Patch.withoutCall(BackupExchange.class, "copy", "force")),
                backedUp(
                        "the identity in a backup is not forced", 0, Patch.withoutCall(Backup.class, "write", "force")),
                backedUp(
                        "the names in a backup are not forced",
                        0,
                        Patch.withoutCall(Backup.class, "writeAll", "force")),
                backedUp(
                        "the name of a backup is not forced before its exchange",
                        0,
                        Patch.withoutCall(BackupTarget.class, "begin", "force")),
                backedUp(
                        "files of a backup are replaced before the exchange is durable",
                        0,
                        Patch.withoutCall(BackupExchange.class, "finish", "force", 0)),
                backedUp(
                        "an exchange of backups ends before its files have durable names",
                        0,
                        Patch.withoutCall(BackupExchange.class, "finish", "force", 1)),
                backedUp(
                        "a backup is removed before the end of its exchange is durable",
                        0,
                        Patch.withoutCall(BackupExchange.class, "finish", "force", 2)),
                backedUp(
                        "the mark of a backup is not forced",
                        0,
                        Patch.withoutCall(BackupTarget.class, "mark", "force")),
                backedUp(
                        "the note that a backup was opened for writing is not forced",
                        -1109287713991315740L,
                        Patch.withoutCall(DirectoryLock.class, "recovered", "force")),
                backedUp(
                        "the directory for a backup that is found is taken for durable",
                        -594798593157429144L,
                        Patch.withoutCall(BackupTarget.class, "open", "forceName")),
                backedUp(
                        "a directory made for a backup or store is not forced",
                        0,
                        Patch.withoutCall(StoreCreation.class, "openOrCreate", "force")),
                backedUp(
                        "a parent for a backup or store that is found is taken for durable",
                        -8478177725643278359L,
                        Patch.body(StoreCreation.class, "forceName", CodeBuilder::return_)),
                backedUp(
                        "a backup is given up after its exchange has begun",
                        707006413279611759L,
                        Patch.body(
                                BackupTarget.class,
                                "giveUp",
                                code -> code.aload(0)
                                        .getfield(
                                                describe(BackupTarget.class),
                                                "directory",
                                                describe(DiskDirectory.class))
                                        .invokestatic(
                                                describe(BackupExchange.class),
                                                "removePartial",
                                                MethodTypeDesc.of(ConstantDescs.CD_void, describe(DiskDirectory.class)))
                                        .return_())),
                killed(
                        "the target of a backup is not locked",
                        BackupTargetTest.class,
                        "aStoreCannotBeMadeOrOpenedForWritingInTheTargetMeanwhile",
                        Patch.withoutCall(NATIVE_LOCK, "acquire", "take"),
                        Patch.withoutCall(NATIVE_LOCK, "acquire", "claim")),
                killed(
                        "the target of a backup is not looked at again before the exchange",
                        BackupTargetTest.class,
                        "whatIsForeignAndComesMeanwhileIsNeitherDeletedNorTakenForABackup",
                        Patch.withoutCall(BackupTarget.class, "exchange", "check")),
                killed(
                        "a stream is committed though a write of it failed",
                        FailingCallTest.class,
                        "aCallThatFailsLosesNothing",
                        Patch.body(UnfinishedValue.class, "checkWhole", CodeBuilder::return_)),
                killed(
                        "compaction does not wait for writers",
                        RECORD_RELOCATOR_TEST,
                        "aRecordThatIsPublishedButNotYetInTheDirectoryIsNotTakenForDead",
                        Patch.withoutCall(RecordRelocator.class, "begin", "awaitWriters")),
                killed(
                        "what is written to before it is moved is moved all the same",
                        RECORD_RELOCATOR_TEST,
                        "aRecordThatIsReplacedBeforeItIsMovedStaysBehind",
                        Patch.body(RecordRelocator.class, "dropUnneeded", CodeBuilder::return_)),
                killed(
                        "a segment that is missing is not missed",
                        MissingSegmentTest.class,
                        "theSegmentThatTheLogLeadsOnToIsMissed",
                        Patch.body(Recovery.class, "refuseMissingSegment", CodeBuilder::return_)),
                killed(
                        "a last segment that is cut short is not missed",
                        MissingSegmentTest.class,
                        "aSegmentThatWasCutShortBetweenAnyTwoRecordsIsNamed",
                        Patch.body(Recovery.class, "refuseCutOffTail", CodeBuilder::return_)),
                cut(
                        "versions that were lost are given out again",
                        3831662765844904176L,
                        Patch.body(
                                Recovery.class,
                                "openingSequence",
                                code -> code.aload(0)
                                        .getfield(describe(Recovery.class), "replay", describe(REPLAY))
                                        .invokevirtual(
                                                describe(REPLAY),
                                                "lastSequence",
                                                MethodTypeDesc.of(ConstantDescs.CD_long))
                                        .lreturn())),
                cut(
                        "the versions that are passed over are not forced",
                        3831662765844904176L,
                        Set.of("put", "cut"),
                        Patch.withoutCall(Log.class, "open", "force")),
                killed(
                        "segment numbers have no end",
                        NumberLimitsTest.class,
                        "removalsGoOnInTheReserveOfSegments",
                        Patch.body(SPACE_RESERVE, "checkNumbers", CodeBuilder::return_)),
                killed(
                        "versions have no end",
                        NumberLimitsTest.class,
                        "beyondTheLastVersionForDataOnlyRemovalsAreWritten",
                        Patch.body(Log.class, "checkNumbers", CodeBuilder::return_)),
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

    /** Only what a record of the log names is retired. */
    private static final Patch WHAT_PRECEDES_THE_LOG_COUNTS = Patch.body(
            LogExtent.class,
            "isRetired",
            code -> code.aload(1)
                    .aload(0)
                    .invokevirtual(describe(Segment.class), "number", MethodTypeDesc.of(ConstantDescs.CD_long))
                    .invokestatic(
                            ConstantDescs.CD_Long,
                            "valueOf",
                            MethodTypeDesc.of(ConstantDescs.CD_Long, ConstantDescs.CD_long))
                    .invokeinterface(
                            ConstantDescs.CD_Set,
                            "contains",
                            MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object))
                    .ireturn());

    private static ClassDesc describe(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static Consumer<CodeBuilder> returning(int result) {
        return code -> code.loadConstant(result).ireturn();
    }

    /**
     * A mutant that the simulated power cuts kill.
     *
     * @param life the seed of a life in which they do, as it was printed when one was found; lived first, to be quick
     */
    private static Mutant cut(String name, long life, Patch... patches) {
        return cut(name, life, Set.of(), patches);
    }

    /** One that they kill in lives of few different operations, which lead to where it matters. */
    private static Mutant cut(String name, long life, Set<String> only, Patch... patches) {
        return new Mutant(
                name,
                (classes, directory) -> {
                    invoke(classes, PowerLossTest.class, "live", directory, life, only);
                    printOutdated(name);
                    invoke(classes, PowerLossTest.class, "lives", directory, SEED, STATES, only);
                },
                List.of(patches));
    }

    /** One that the simulated power cuts around backups and the making of directories kill. */
    private static Mutant backedUp(String name, long life, Patch... patches) {
        return new Mutant(
                name,
                (classes, _) -> {
                    invoke(classes, BackupPowerLossTest.class, "live", life);
                    printOutdated(name);
                    invoke(classes, BackupPowerLossTest.class, "lives", SEED, STATES);
                },
                List.of(patches));
    }

    /** A workload that was changed lives another life with the same seed, and the search takes up to a minute. */
    private static void printOutdated(String name) {
        System.out.println("MutantTest: " + name + ": its life misses it, put the seed that follows in its place");
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
                "none",
                (classes, place) ->
                        invoke(classes, PowerLossTest.class, "lives", place, SEED, STATES_OF_THE_SOUND_STORE, Set.of()),
                List.of())));
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

    /** Calls a static method of a test, as the loader has it. */
    private static void invoke(ClassLoader classes, Class<?> test, String name, Object... arguments) throws Throwable {
        Method method = Stream.of(classes.loadClass(test.getName()).getDeclaredMethods())
                .filter(candidate ->
                        candidate.getName().equals(name) && candidate.getParameterCount() == arguments.length)
                .findFirst()
                .orElseThrow();
        method.setAccessible(true);
        try {
            method.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** With whatever parameters it has. */
    private static Method methodOf(Class<?> type, String name) {
        return Stream.of(type.getDeclaredMethods())
                .filter(candidate -> candidate.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchMethodError(type.getName() + "." + name));
    }

    private static void runTest(ClassLoader classes, Class<?> test, String method) throws Throwable {
        Class<?> loaded = classes.loadClass(test.getName());
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(loaded, methodOf(loaded, method)))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        if (summary.getTestsStartedCount() == 0) {
            throw new NoSuchMethodError(test.getName() + "." + method);
        }
        for (TestExecutionSummary.Failure failure : summary.getFailures()) {
            throw failure.getException();
        }
    }
}
