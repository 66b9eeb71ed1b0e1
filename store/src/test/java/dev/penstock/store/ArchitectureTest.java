package dev.penstock.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * What kills a JVM on mapped memory is not used, and files are reached in one way. Which package uses which is in
 * docs/internals/architecture.md.
 */
@AnalyzeClasses(packages = "dev.penstock.store", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String INTERNAL = "dev.penstock.store.internal.";

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.penstock.store.internal.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CHECKSUMS_ARE_TAKEN_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveSimpleName("Checksum")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.zip..")
            .because("the intrinsic kills the JVM on a mapped page that cannot be supplied; Checksum keeps it off");

    /** A field of an object of the store is on the heap, where a CAS is safe; anything else may be mapped. */
    @ArchTest
    static final ArchRule NO_CAS_ON_MAPPED_MEMORY = noClasses()
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasOwner.Predicates.With.owner(DescribedPredicate.describe(
                            "VarHandle", type -> type.getFullName().equals("java.lang.invoke.VarHandle"))))
                    .and(JavaCall.Predicates.target(
                            HasName.Predicates.nameMatching(".*(compareAnd|getAnd|weakCompare).*")))
                    .and(DescribedPredicate.describe(
                            "not on a field of the store's own objects",
                            call -> call.getTarget().getRawParameterTypes().stream()
                                    .limit(1)
                                    .noneMatch(type -> type.getPackageName().startsWith("dev.penstock.store")))))
            .because("a CAS on a mapped page that cannot be supplied kills the JVM");

    /** The inspector halves what its two walks report, in a listener of its own. */
    @ArchTest
    static final ArchRule CODE_OF_CALLERS_IS_CALLED_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveSimpleName("CallersCode")
            .and()
            .doNotHaveSimpleName("StoreInspector")
            .should()
            .callMethod(ProgressListener.class, "progress", long.class, long.class)
            .orShould()
            .callMethod(WritableByteChannel.class, "write", ByteBuffer.class)
            .because("what it throws must not be taken for an error of the store");

    @ArchTest
    static final ArchRule MEMORY_THAT_THREADS_SHARE_IS_MADE_BY_FEW = noClasses()
            .that()
            .doNotHaveSimpleName("KeyDirectory")
            .and()
            .doNotHaveSimpleName("LargeSegment")
            .and()
            .doNotHaveSimpleName("LiveRecordBitmap")
            .and()
            .doNotHaveSimpleName("ReaderLeases")
            .and()
            .doNotHaveSimpleName("SegmentFactory")
            .and()
            .doNotHaveSimpleName("StoredImage")
            .and()
            .doNotHaveSimpleName("StripeImage")
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("ofShared")))
            .because("to close a shared arena stops every thread for a moment, and fails while one reads; what one"
                    + " thread uses is in a confined arena");

    @ArchTest
    static final ArchRule TRANSFER_ALONE_REACHES_BEHIND_THE_PUBLIC_CLASSES = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.store.transfer")
            .and()
            .doNotHaveSimpleName("TransferAccess")
            .and()
            .doNotHaveSimpleName("CursorAccess")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("TransferAccess")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("CursorAccess");

    @ArchTest
    static final ArchRule TRANSFER_REACHES_BEHIND_THEM_IN_TWO_WAYS = noClasses()
            .that()
            .resideInAPackage("dev.penstock.store.transfer")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(INTERNAL + "engine", INTERNAL + "read")
                    .and(DescribedPredicate.not(JavaClass.Predicates.simpleNameStartingWith("TransferAccess")))
                    .and(DescribedPredicate.not(JavaClass.Predicates.simpleNameStartingWith("CursorAccess"))));

    @ArchTest
    static final ArchRule THREADS_KEEP_THEIR_NAMES = noClasses()
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("startOnThread")))
            .because("Agrona names a thread that it starts after its agents");

    @ArchTest
    static final ArchRule NO_VECTORS =
            noClasses().should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..");

    /** Backup and restore are still by path. */
    @ArchTest
    static final ArchRule FILES_ARE_REACHED_THROUGH_THE_DISK = noClasses()
            .that()
            .resideOutsideOfPackage(INTERNAL + "io")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "snapshot.Backup")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.nio.file.Files")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                    java.io.File.class,
                    java.io.RandomAccessFile.class,
                    java.io.FileInputStream.class,
                    java.io.FileOutputStream.class)
            .orShould()
            .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching("toRealPath|toFile|open"))
                    .and(JavaCall.Predicates.target(HasOwner.Predicates.With.owner(DescribedPredicate.describe(
                            "Path or FileChannel",
                            type -> type.getFullName().equals("java.nio.file.Path")
                                    || type.getFullName().equals("java.nio.channels.FileChannel"))))))
            .because("a name that is resolved again may lead to another file by now");

    @ArchTest
    static final ArchRule NATIVE_CALLS_ARE_MADE_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveSimpleName("Posix")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.foreign.Linker");

    private static final String LINUX =
            "Posix(Memory)?|Native(Directory|File|Lock)|Descriptor|CallMemory|FileStatus|PathBytes";

    /** Each of these asks {@code Posix.isAvailable} first, and has another answer where it is not. */
    @ArchTest
    static final ArchRule SYSTEM_CALLS_ARE_ASKED_FOR_IN_FEW_PLACES = noClasses()
            .that()
            .haveNameNotMatching(
                    ".*\\.io\\.(" + LINUX + "|SystemDisk|NativeMemory|ReadableRange|Pipe|SocketOutput)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(".*\\.io\\.(" + LINUX + ")")
            .because("everything else runs wherever a JDK runs");

    /** Restricted methods need native access, system calls or not. */
    @ArchTest
    static final ArchRule RESTRICTED_METHODS_ARE_CALLED_WHERE_NATIVE_ACCESS_IS_KNOWN = noClasses()
            .that()
            .haveNameNotMatching(".*\\.io\\.(Posix(Memory)?|ReadableRange|RawMemory)(\\$.*)?")
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching(
                            "reinterpret|downcallHandle|upcallStub|libraryLookup|loadLibrary"))
                    .and(JavaCall.Predicates.target(HasOwner.Predicates.With.owner(DescribedPredicate.describe(
                            "the JDK", type -> type.getPackageName().startsWith("java.lang"))))))
            .because("without native access each of them throws");

    @ArchTest
    static final ArchRule ADDRESSES_ARE_READ_IN_NAMED_PLACES = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.RawMemory")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "index.BucketArray")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "index.RecordProbe")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "read.ReadsByAddress")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "read.RecordCursor")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "write.CurrentRecords")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.store.ValueView")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(INTERNAL + "io.RawMemory")
            .because("an address that is not in a readable range ends the process");

    private static final List<String> ERRORS_OF_MEMORY =
            List.of(InternalError.class.getName(), IllegalStateException.class.getName());

    private static ArchCondition<JavaClass> catchErrorsOfMemory() {
        return new ArchCondition<>("catch " + ERRORS_OF_MEMORY) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getCodeUnits().stream()
                        .flatMap(code -> code.getTryCatchBlocks().stream())
                        .filter(block -> block.getCaughtThrowables().stream()
                                .anyMatch(thrown -> ERRORS_OF_MEMORY.contains(thrown.getName())))
                        .forEach(block -> events.add(SimpleConditionEvent.satisfied(
                                type, type.getName() + " catches one " + block.getSourceCodeLocation())));
            }
        };
    }

    /**
     * {@code StoreErrors} turns them into exceptions for callers. The others are the methods that every read and
     * put runs through, which have it done, and parts that continue without the page.
     */
    @ArchTest
    static final ArchRule ERRORS_OF_MEMORY_ARE_CAUGHT_IN_NAMED_PLACES = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.StoreErrors")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "read.ReadPath")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "read.ReadsByAddress")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "read.RecordCursor")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "engine.WritePath")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "background.ExpirySweep")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "checkpoint.Checkpointer")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "checkpoint.DirectoryMigration")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "checkpoint.StoredImage")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "compaction.BackgroundCompaction")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "compaction.SegmentEvacuation")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "follow.FollowedTail")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "follow.LogFollower")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "index.KeyDirectory")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "index.Lookahead")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.CallersCode")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.Mappings")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.PageFaults")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.WrittenMappings")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "recovery.ImageSample")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "recovery.OpenRetry")
            .and()
            .doNotHaveFullyQualifiedName(INTERNAL + "write.CurrentRecords")
            .should(catchErrorsOfMemory())
            .because("a caller must see an exception of the store that says which file it is");

    @ArchTest
    static final ArchRule ERRORS_OF_FILES_BECOME_EXCEPTIONS_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(INTERNAL + "io.StoreErrors")
            .should()
            .callMethod(StoreException.class, "of", String.class, IOException.class)
            .because("whether the store was closed meanwhile is looked at there");
}
