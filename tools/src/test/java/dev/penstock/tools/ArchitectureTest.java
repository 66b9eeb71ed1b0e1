package dev.penstock.tools;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.penstock.server.resp.Glob;

/**
 * The tools are a thin layer: what they cannot see they cannot lean on. The one class inside the server that they use
 * is its pattern of keys, so that a scan finds the same keys on both ways.
 */
@AnalyzeClasses(packages = "dev.penstock.tools", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule onlyThePublicPackagesOfTheStoreAndTheServersEntry = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("dev.penstock..")
                    .and(not(resideInAnyPackage(
                            "dev.penstock.tools..",
                            "dev.penstock.store",
                            "dev.penstock.store.check",
                            "dev.penstock.store.repair",
                            "dev.penstock.cluster",
                            "dev.penstock.server",
                            "dev.penstock.server.config")))
                    .and(not(equivalentTo(Glob.class))));

    @ArchTest
    static final ArchRule onlyServeKnowsTheServer = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(Serve|ServeNode|ServeCommand|ClusterNodeCommand"
                    + "|ServerSettings(\\$.*)?|SettingOptions(\\$.*)?)")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.penstock.server..").and(not(equivalentTo(Glob.class))));

    /** So that no other command loads the cluster's classes, or those of Ratis. */
    @ArchTest
    static final ArchRule onlyServeNodeKnowsTheCluster = noClasses()
            .that()
            .doNotHaveSimpleName("ServeNode")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.penstock.cluster.."));

    @ArchTest
    static final ArchRule noCommandIsPublic = classes()
            .that()
            .resideInAnyPackage("dev.penstock.tools", "dev.penstock.tools.command")
            .and()
            .doNotHaveSimpleName("RootCommand")
            .should()
            .notBePublic();

    /** What a command does beyond parsing and printing is in a package of its own, which knows no command line. */
    @ArchTest
    static final ArchRule packagesBelowKnowNoCommands = noClasses()
            .that(resideInAPackage("dev.penstock.tools..")
                    .and(not(resideInAnyPackage(
                            "dev.penstock.tools", "dev.penstock.tools.command", "dev.penstock.tools.parser"))))
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.penstock.tools", "dev.penstock.tools.command", "picocli.."));
}
