package dev.penstock.server;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Reply;
import dev.penstock.store.Store;
import dev.penstock.store.transfer.StoreTransfer;

@AnalyzeClasses(packages = "dev.penstock.server", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule theServerSeesOnlyTheStoresPublicApiAndItsFewLibraries = classes()
            .that()
            .resideInAPackage("dev.penstock.server..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.net.ssl..",
                    "org.agrona..",
                    "org.jspecify..",
                    "com.google.errorprone.annotations..",
                    "io.prometheus..",
                    "io.netty..",
                    "com.fasterxml.jackson.core..",
                    "tlschannel..",
                    "dev.penstock.store",
                    "dev.penstock.store.transfer",
                    "dev.penstock.server..");

    @ArchTest
    static final ArchRule tlsIsTheNetworkPackagesOwn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.server.net")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("javax.net.ssl..", "tlschannel..");

    @ArchTest
    static final ArchRule parsersOfHttpAreTheHttpPackagesOwn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.server.http")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "com.fasterxml.jackson..");

    /**
     * What an exception says was not written for clients, unless {@code ErrorText} says so. Users are read at the
     * start.
     */
    @ArchTest
    static final ArchRule noExceptionsMessageReachesAClient = noClasses()
            .that()
            .resideOutsideOfPackages("dev.penstock.server", "dev.penstock.server.net", "dev.penstock.server.status")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.server.session.ErrorText")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.server.acl.Users")
            .should()
            .callMethodWhere(target(nameMatching("getMessage|getLocalizedMessage|toString|printStackTrace"))
                    .and(target(owner(assignableTo(Throwable.class)))));

    @ArchTest
    static final ArchRule errorRepliesAreWrittenInOnePlace = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.penstock.server.session.Dispatcher")
            .should()
            .callMethod(Reply.class, "error", String.class);

    @ArchTest
    static final ArchRule metricsAreTheStatusPackagesOwn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.server.status")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.prometheus..");

    /** A key may be long, and keys many: they are matched a part at a time, and each part is counted. */
    @ArchTest
    static final ArchRule onlyNamesOfTheServersOwnAreMatchedAtOnce = noClasses()
            .that()
            .resideOutsideOfPackage("dev.penstock.server.resp")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.server.command.ConfigCommands")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.server.command.IntrospectionCommands")
            .should()
            .callMethod(Glob.class, "matches", byte[].class);

    /** A value goes from the keyspace to the reply. Only what arrives in parts goes straight to the store. */
    @ArchTest
    static final ArchRule noEncoderCallsTheStore = noClasses()
            .that()
            .resideInAnyPackage("dev.penstock.server.resp", "dev.penstock.server.transfer")
            .and()
            .doNotHaveFullyQualifiedName("dev.penstock.server.transfer.Upload")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Store.class, StoreTransfer.class);

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.penstock.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheNetworkAndStatusPackagesOpenSockets = noClasses()
            .that()
            .resideOutsideOfPackages("dev.penstock.server.net", "dev.penstock.server.status")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.nio\\.channels\\.(Selector|SelectionKey|SocketChannel|ServerSocketChannel)");
}
