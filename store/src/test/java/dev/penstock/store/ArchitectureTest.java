package dev.penstock.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrows between packages go one way, and what kills a JVM on mapped memory is not used at all. */
@AnalyzeClasses(packages = "dev.penstock.store", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String INTERNAL = "dev.penstock.store.internal.";

    /** What any layer may use of the public API: the exceptions, and the result types that it hands back. */
    private static final DescribedPredicate<JavaClass> SHARED_VOCABULARY = DescribedPredicate.describe(
            "exceptions and results of the public API",
            type -> type.getPackageName().equals("dev.penstock.store")
                    && (type.isAssignableTo(StoreException.class)
                            || type.isAssignableTo(BatchTooLargeException.class)
                            || type.isAssignableTo(CompactionReport.class)
                            || type.isAssignableTo(BackupReport.class)
                            || type.isAssignableTo(ProgressListener.class)));

    @ArchTest
    static final ArchRule ARROWS_GO_DOWN = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("api")
            .definedBy("dev.penstock.store")
            .layer("check")
            .definedBy("dev.penstock.store.check")
            .layer("compaction")
            .definedBy(INTERNAL + "compaction")
            .layer("checkpoint")
            .definedBy(INTERNAL + "checkpoint")
            .layer("recovery")
            .definedBy(INTERNAL + "recovery")
            .layer("snapshot")
            .definedBy(INTERNAL + "snapshot")
            .layer("write")
            .definedBy(INTERNAL + "write")
            .layer("index")
            .definedBy(INTERNAL + "index")
            .layer("segment")
            .definedBy(INTERNAL + "segment")
            .layer("reclaim")
            .definedBy(INTERNAL + "reclaim")
            .layer("event")
            .definedBy(INTERNAL + "event")
            .layer("io")
            .definedBy(INTERNAL + "io")
            .layer("format")
            .definedBy(INTERNAL + "format")
            .whereLayer("compaction")
            .mayOnlyBeAccessedByLayers("api")
            .whereLayer("checkpoint")
            .mayOnlyBeAccessedByLayers("api", "check", "recovery")
            .whereLayer("recovery")
            .mayOnlyBeAccessedByLayers("api", "check", "snapshot")
            .whereLayer("snapshot")
            .mayOnlyBeAccessedByLayers("api")
            .whereLayer("write")
            .mayOnlyBeAccessedByLayers("api", "compaction")
            .whereLayer("index")
            .mayOnlyBeAccessedByLayers("api", "check", "checkpoint", "compaction", "recovery", "write", "snapshot")
            .whereLayer("segment")
            .mayOnlyBeAccessedByLayers(
                    "api", "check", "checkpoint", "compaction", "recovery", "write", "index", "snapshot")
            .whereLayer("reclaim")
            .mayOnlyBeAccessedByLayers("api", "check", "write", "segment", "snapshot")
            .whereLayer("event")
            .mayOnlyBeAccessedByLayers("api", "checkpoint", "compaction", "recovery", "write", "index", "segment")
            .whereLayer("check")
            .mayNotBeAccessedByAnyLayer()
            .ignoreDependency(DescribedPredicate.alwaysTrue(), SHARED_VOCABULARY);

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

    @ArchTest
    static final ArchRule NO_CAS_ON_MAPPED_MEMORY = noClasses()
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasOwner.Predicates.With.owner(DescribedPredicate.describe(
                            "VarHandle", type -> type.getFullName().equals("java.lang.invoke.VarHandle"))))
                    .and(JavaCall.Predicates.target(
                            HasName.Predicates.nameMatching(".*(compareAnd|getAnd|weakCompare).*"))))
            .because("a CAS on a mapped page that cannot be supplied kills the JVM");

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
            .should()
            .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("ofShared")))
            .because(
                    "to close a shared arena stops every thread for a moment, and fails while one reads; what one thread"
                            + " uses is in a confined arena");

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
}
