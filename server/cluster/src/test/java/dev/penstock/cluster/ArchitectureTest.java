package dev.penstock.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Nothing below the cluster knows it, and the engine of consensus stays in one package, so that it can be exchanged.
 * Which package uses which is in docs/internals/architecture.md.
 */
@AnalyzeClasses(packages = "dev.penstock", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String CLUSTER = "dev.penstock.cluster";

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_THE_CLUSTER = noClasses()
            .that()
            .resideInAnyPackage("dev.penstock.store..", "dev.penstock.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLUSTER + "..");

    @ArchTest
    static final ArchRule THE_ENGINE_CAN_BE_EXCHANGED = noClasses()
            .that()
            .resideOutsideOfPackage(CLUSTER + ".raft")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.ratis..", "org.slf4j..");

    @ArchTest
    static final ArchRule NOTHING_BEHIND_THE_PUBLIC_API_OF_THE_STORE = noClasses()
            .that()
            .resideInAPackage(CLUSTER + "..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.penstock.store.internal..");
}
