package dev.penstock.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages, as the package comment of dev.penstock.bench draws them. */
@AnalyzeClasses(packages = "dev.penstock.bench", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule arrowsPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("embedded")
            .definedBy("dev.penstock.bench.embedded..")
            .layer("scale")
            .definedBy("dev.penstock.bench.scale..")
            .layer("instructions")
            .definedBy("dev.penstock.bench.instructions..")
            .layer("server")
            .definedBy("dev.penstock.bench.server..")
            .layer("cluster")
            .definedBy("dev.penstock.bench.cluster..")
            .layer("engine")
            .definedBy("dev.penstock.bench.engine..")
            .layer("process")
            .definedBy("dev.penstock.bench.process..")
            .layer("report")
            .definedBy("dev.penstock.bench.report..")
            .whereLayer("embedded")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("scale")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("instructions")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("server")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cluster")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("embedded", "scale", "instructions")
            .whereLayer("process")
            .mayOnlyBeAccessedByLayers("embedded", "scale", "instructions", "server", "cluster")
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("embedded", "scale", "instructions", "server", "cluster")
            .ensureAllClassesAreContainedInArchitectureIgnoring("dev.penstock.bench");

    @ArchTest
    static final ArchRule thePeersAreTheEnginePackagesOwn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.bench.engine")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.openhft..", "org.lmdbjava..");

    @ArchTest
    static final ArchRule jmhIsTheEmbeddedPackagesOwn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.bench.embedded..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.openjdk.jmh..");

    @ArchTest
    static final ArchRule nobodySeesTheInnardsOfTheStore = noClasses()
            .that()
            .resideInAPackage("dev.penstock.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.penstock.store.internal..");
}
