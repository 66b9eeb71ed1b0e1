package dev.penstock.typed;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The typed API stands on the public API of the store alone, and its optional libraries stay in their packages. Which
 * package uses which is in docs/internals/architecture.md.
 */
@AnalyzeClasses(packages = "dev.penstock", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String TYPED = "dev.penstock.typed";

    @ArchTest
    static final ArchRule NOTHING_BEHIND_THE_PUBLIC_API = noClasses()
            .that()
            .resideInAPackage(TYPED + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.penstock.store.internal..", "dev.penstock.store.transfer..");

    @ArchTest
    static final ArchRule THE_STORE_KNOWS_NO_TYPES = noClasses()
            .that()
            .resideInAPackage("dev.penstock.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(TYPED + "..");

    @ArchTest
    static final ArchRule JACKSON_IS_OPTIONAL = noClasses()
            .that()
            .resideOutsideOfPackage(TYPED + ".json")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml..");

    @ArchTest
    static final ArchRule MICROMETER_IS_OPTIONAL = noClasses()
            .that()
            .resideOutsideOfPackage(TYPED + ".micrometer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule PACKAGES_OF_LIBRARIES_ARE_NOT_NEEDED = noClasses()
            .that()
            .resideInAPackage(TYPED)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TYPED + ".json..", TYPED + ".micrometer..");
}
