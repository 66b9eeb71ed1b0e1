package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A rule that cannot fail holds nothing. For each rule of the {@code ArchitectureTest} of a module there is a class
 * that breaks it, one for each alternative of the rule; it is compiled and read together with the module, and the rule
 * must name it. A rule without such a class is found, and so is an exception for a class that is not there any more.
 */
class PlantedViolationsTest {

    private static final String STORE = "dev.penstock.store";
    private static final String SERVER = "dev.penstock.server";
    private static final String CLUSTER = "dev.penstock.cluster";
    private static final String TOOLS = "dev.penstock.tools";
    private static final Map<String, String> MODULES =
            Map.of(STORE, "store", SERVER, "server", CLUSTER, "server/cluster", TOOLS, "tools");
    private static final Pattern EXCEPTION =
            Pattern.compile("doNotHave(?:SimpleName|FullyQualifiedName)\\(\\s*(INTERNAL \\+ )?\"([\\w.]+)\"\\)");

    /**
     * A class that breaks a rule.
     *
     * @param root the module's package
     * @param rule name of the field with the rule
     * @param packageName of the class, below the root; or in full, if it is of another module
     * @param body what the class holds
     */
    private record Plant(String root, String rule, String packageName, String body) {

        String name(int number) {
            return "Planted" + number;
        }

        String source(int number) {
            String place = packageName.isEmpty()
                    ? root
                    : packageName.startsWith("dev.penstock.") ? packageName : root + "." + packageName;
            return "package " + place + "; " + (body.startsWith("public class") ? "" : "class ")
                    + body.replace("Planted", name(number));
        }
    }

    private static Plant field(String root, String rule, String packageName, String type) {
        return new Plant(root, rule, packageName, "Planted { " + type + " field; }");
    }

    private static Plant code(String root, String rule, String packageName, String statement) {
        return new Plant(
                root,
                rule,
                packageName,
                "Planted { Object run(Object o, Throwable t, java.nio.file.Path path) throws Throwable { " + statement
                        + "; return o; } }");
    }

    private static String handler(String caught) {
        return "try { o.toString(); } catch (" + caught + " e) { return null; }";
    }

    private static final List<Plant> PLANTS = List.of(
            field(STORE, "NO_CYCLES", "internal.format", STORE + ".internal.segment.SegmentSet"),
            field(STORE, "CHECKSUMS_ARE_TAKEN_IN_ONE_PLACE", "internal.write", "java.util.zip.CRC32C"),
            code(
                    STORE,
                    "NO_CAS_ON_MAPPED_MEMORY",
                    "internal.log",
                    "((java.lang.invoke.VarHandle) o).compareAndSet((java.lang.foreign.MemorySegment) o, 0L, 1, 2)"),
            code(
                    STORE,
                    "NO_CAS_ON_MAPPED_MEMORY",
                    "internal.log",
                    "((java.lang.invoke.VarHandle) o).getAndAdd((java.lang.foreign.MemorySegment) o, 0L, 1)"),
            code(
                    STORE,
                    "NO_CAS_ON_MAPPED_MEMORY",
                    "internal.log",
                    "((java.lang.invoke.VarHandle) o)"
                            + ".weakCompareAndSetPlain((java.lang.foreign.MemorySegment) o, 0L, 1, 2)"),
            code(
                    STORE,
                    "MEMORY_THAT_THREADS_SHARE_IS_MADE_BY_FEW",
                    "internal.write",
                    "java.lang.foreign.Arena.ofShared()"),
            field(
                    STORE,
                    "TRANSFER_ALONE_REACHES_BEHIND_THE_PUBLIC_CLASSES",
                    "",
                    STORE + ".internal.engine.TransferAccess"),
            field(STORE, "TRANSFER_ALONE_REACHES_BEHIND_THE_PUBLIC_CLASSES", "", STORE + ".internal.read.CursorAccess"),
            field(STORE, "TRANSFER_REACHES_BEHIND_THEM_IN_TWO_WAYS", "transfer", STORE + ".internal.read.ReadPath"),
            field(STORE, "TRANSFER_REACHES_BEHIND_THEM_IN_TWO_WAYS", "transfer", STORE + ".internal.engine.Engine"),
            code(
                    STORE,
                    "THREADS_KEEP_THEIR_NAMES",
                    "internal.background",
                    "org.agrona.concurrent.AgentRunner.startOnThread(null)"),
            field(STORE, "NO_VECTORS", "internal.index", "jdk.incubator.vector.LongVector"),
            code(STORE, "FILES_ARE_REACHED_THROUGH_THE_DISK", "internal.segment", "java.nio.file.Files.exists(path)"),
            code(STORE, "FILES_ARE_REACHED_THROUGH_THE_DISK", "internal.segment", "new java.io.File(\"x\")"),
            code(
                    STORE,
                    "FILES_ARE_REACHED_THROUGH_THE_DISK",
                    "internal.segment",
                    "new java.io.RandomAccessFile(\"x\", \"r\")"),
            code(STORE, "FILES_ARE_REACHED_THROUGH_THE_DISK", "internal.segment", "new java.io.FileInputStream(\"x\")"),
            code(
                    STORE,
                    "FILES_ARE_REACHED_THROUGH_THE_DISK",
                    "internal.segment",
                    "new java.io.FileOutputStream(\"x\")"),
            code(STORE, "FILES_ARE_REACHED_THROUGH_THE_DISK", "internal.segment", "path.toRealPath()"),
            code(STORE, "FILES_ARE_REACHED_THROUGH_THE_DISK", "internal.segment", "path.toFile()"),
            code(
                    STORE,
                    "FILES_ARE_REACHED_THROUGH_THE_DISK",
                    "internal.segment",
                    "java.nio.channels.FileChannel.open(path)"),
            code(
                    STORE,
                    "NATIVE_CALLS_ARE_MADE_IN_ONE_PLACE",
                    "internal.segment",
                    "java.lang.foreign.Linker.nativeLinker()"),
            // The class that it needs is seen in its package only.
            field(STORE, "SYSTEM_CALLS_ARE_ASKED_FOR_IN_FEW_PLACES", "internal.io", STORE + ".internal.io.Posix"),
            code(
                    STORE,
                    "RESTRICTED_METHODS_ARE_CALLED_WHERE_NATIVE_ACCESS_IS_KNOWN",
                    "internal.segment",
                    "java.lang.foreign.MemorySegment.NULL.reinterpret(1)"),
            field(STORE, "ADDRESSES_ARE_READ_IN_NAMED_PLACES", "internal.segment", STORE + ".internal.io.RawMemory"),
            code(STORE, "ERRORS_OF_MEMORY_ARE_CAUGHT_IN_NAMED_PLACES", "transfer", handler("InternalError")),
            code(
                    STORE,
                    "ERRORS_OF_MEMORY_ARE_CAUGHT_IN_NAMED_PLACES",
                    "internal.engine",
                    handler("IllegalStateException | IndexOutOfBoundsException")),
            code(
                    STORE,
                    "ERRORS_OF_FILES_BECOME_EXCEPTIONS_IN_ONE_PLACE",
                    "internal.engine",
                    STORE + ".StoreException.of(\"x\", null)"),
            code(
                    STORE,
                    "CODE_OF_CALLERS_IS_CALLED_IN_ONE_PLACE",
                    "internal.compaction",
                    "((" + STORE + ".ProgressListener) o).progress(1, 2)"),
            code(
                    STORE,
                    "CODE_OF_CALLERS_IS_CALLED_IN_ONE_PLACE",
                    "internal.write",
                    "((java.nio.channels.WritableByteChannel) o).write(null)"),
            field(CLUSTER, "NOTHING_BELOW_KNOWS_THE_CLUSTER", STORE, CLUSTER + ".ClusterServer"),
            field(CLUSTER, "NOTHING_BELOW_KNOWS_THE_CLUSTER", SERVER, CLUSTER + ".entry.LogEntry"),
            field(CLUSTER, "THE_ENGINE_CAN_BE_EXCHANGED", "entry", "org.apache.ratis.server.RaftServer"),
            field(CLUSTER, "THE_ENGINE_CAN_BE_EXCHANGED", "entry", "org.slf4j.Logger"),
            field(CLUSTER, "NOTHING_BEHIND_THE_PUBLIC_API_OF_THE_STORE", "", STORE + ".internal.io.Disk"),
            code(
                    SERVER,
                    "onlyNamesOfTheServersOwnAreMatchedAtOnce",
                    "acl",
                    "((" + SERVER + ".resp.Glob) o).matches(new byte[0])"),
            field(
                    SERVER,
                    "theServerSeesOnlyTheStoresPublicApiAndItsFewLibraries",
                    "command",
                    STORE + ".check.StoreFormat"),
            field(
                    SERVER,
                    "theServerSeesOnlyTheStoresPublicApiAndItsFewLibraries",
                    "keyspace",
                    STORE + ".internal.io.Disk"),
            field(SERVER, "theServerSeesOnlyTheStoresPublicApiAndItsFewLibraries", "config", "picocli.CommandLine"),
            field(SERVER, "parsersOfHttpAreTheHttpPackagesOwn", "net", "io.netty.buffer.ByteBuf"),
            field(SERVER, "parsersOfHttpAreTheHttpPackagesOwn", "net", "com.fasterxml.jackson.core.JsonGenerator"),
            field(SERVER, "tlsIsTheNetworkPackagesOwn", "session", "javax.net.ssl.SSLEngine"),
            field(SERVER, "tlsIsTheNetworkPackagesOwn", "session", "tlschannel.TlsChannel"),
            code(SERVER, "noExceptionsMessageReachesAClient", "command", "t.getMessage()"),
            code(SERVER, "noExceptionsMessageReachesAClient", "command", "t.getLocalizedMessage()"),
            code(SERVER, "noExceptionsMessageReachesAClient", "command", "t.toString()"),
            code(SERVER, "noExceptionsMessageReachesAClient", "command", "t.printStackTrace()"),
            code(SERVER, "errorRepliesAreWrittenInOnePlace", "command", "((" + SERVER + ".resp.Reply) o).error(\"x\")"),
            field(
                    SERVER,
                    "metricsAreTheStatusPackagesOwn",
                    "report",
                    "io.prometheus.metrics.model.snapshots.CounterSnapshot"),
            field(SERVER, "noEncoderCallsTheStore", "resp", STORE + ".Store"),
            field(SERVER, "noEncoderCallsTheStore", "resp", STORE + ".transfer.StoreTransfer"),
            field(SERVER, "noEncoderCallsTheStore", "transfer", STORE + ".Store"),
            field(SERVER, "noEncoderCallsTheStore", "transfer", STORE + ".transfer.StoreTransfer"),
            field(SERVER, "noCycles", "resp", SERVER + ".session.ServerContext"),
            field(SERVER, "onlyTheNetworkAndStatusPackagesOpenSockets", "session", "java.nio.channels.Selector"),
            field(SERVER, "onlyTheNetworkAndStatusPackagesOpenSockets", "session", "java.nio.channels.SelectionKey"),
            field(SERVER, "onlyTheNetworkAndStatusPackagesOpenSockets", "session", "java.nio.channels.SocketChannel"),
            field(
                    SERVER,
                    "onlyTheNetworkAndStatusPackagesOpenSockets",
                    "session",
                    "java.nio.channels.ServerSocketChannel"),
            field(
                    TOOLS,
                    "onlyThePublicPackagesOfTheStoreAndTheServersEntry",
                    "serve",
                    SERVER + ".session.ServerContext"),
            field(
                    TOOLS,
                    "onlyThePublicPackagesOfTheStoreAndTheServersEntry",
                    "load",
                    STORE + ".transfer.StoreTransfer"),
            field(TOOLS, "onlyThePublicPackagesOfTheStoreAndTheServersEntry", "load", STORE + ".internal.io.Disk"),
            field(TOOLS, "onlyServeKnowsTheServer", "top", SERVER + ".PenstockServer"),
            field(TOOLS, "onlyServeNodeKnowsTheCluster", "serve", "dev.penstock.cluster.ClusterServer"),
            new Plant(TOOLS, "noCommandIsPublic", "command", "public class Planted {}"),
            field(TOOLS, "packagesBelowKnowNoCommands", "text", "picocli.CommandLine"),
            field(TOOLS, "packagesBelowKnowNoCommands", "load", TOOLS + ".command.RootCommand"));

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {STORE, SERVER, CLUSTER, TOOLS})
    void everyRuleFailsWhereItIsBroken(String root) throws Exception {
        List<Plant> plants =
                PLANTS.stream().filter(plant -> plant.root().equals(root)).toList();
        compile(root, plants);
        Set<Location> locations = new HashSet<>(Locations.ofPackage(root));
        locations.add(Location.of(temporary));
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importLocations(locations);
        List<String> blind = new ArrayList<>();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {temporary.toUri().toURL()}, null) {
                    @Override
                    protected Class<?> findClass(String name) throws ClassNotFoundException {
                        // The test of this module is on the class path as well; each is read from its source.
                        return name.contains("ArchitectureTest")
                                ? super.findClass(name)
                                : PlantedViolationsTest.class.getClassLoader().loadClass(name);
                    }
                }) {
            Set<String> rules = new TreeSet<>();
            for (Field field : loader.loadClass(root + ".ArchitectureTest").getDeclaredFields()) {
                if (ArchRule.class.isAssignableFrom(field.getType())) {
                    field.setAccessible(true);
                    rules.add(field.getName());
                    String report = ((ArchRule) field.get(null))
                            .evaluate(classes)
                            .getFailureReport()
                            .toString();
                    for (int number = 0; number < plants.size(); number++) {
                        Plant plant = plants.get(number);
                        if (plant.rule().equals(field.getName())
                                && !Pattern.compile("\\b" + plant.name(number) + "\\b")
                                        .matcher(report)
                                        .find()) {
                            blind.add(field.getName() + " does not see: " + plant.source(number));
                        }
                    }
                }
            }
            assertEquals(rules, plants.stream().map(Plant::rule).collect(Collectors.toCollection(TreeSet::new)));
        }
        assertEquals(List.of(), blind);
    }

    /** A rule excepts classes by name. What is renamed or removed must not leave its exception behind. */
    @ParameterizedTest
    @ValueSource(strings = {STORE, SERVER, CLUSTER, TOOLS})
    void everyExceptionIsForAClassThatIsThere(String root) throws IOException {
        Path sources = Path.of("..", MODULES.get(root), "src", "main", "java");
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                String path = sources.relativize(file).toString();
                String name =
                        path.substring(0, path.length() - ".java".length()).replace('/', '.');
                names.add(name);
                names.add(name.substring(name.lastIndexOf('.') + 1));
            });
        }
        List<String> stale = new ArrayList<>();
        for (MatchResult exception :
                EXCEPTION.matcher(Files.readString(test(root))).results().toList()) {
            String name = (exception.group(1) == null ? "" : STORE + ".internal.") + exception.group(2);
            if (!names.contains(name)) {
                stale.add(name);
            }
        }
        assertEquals(List.of(), stale);
    }

    /** Compiles the classes, and the module's test, whose rules are then read. */
    private void compile(String root, List<Plant> plants) throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (int number = 0; number < plants.size(); number++) {
            Plant plant = plants.get(number);
            String text = plant.source(number);
            sources.add(
                    new SimpleJavaFileObject(
                            URI.create("string:///" + plant.name(number) + ".java"), JavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                            return text;
                        }
                    });
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.getJavaFileObjects(test(root)).forEach(sources::add);
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of(
                                    "-d",
                                    temporary.toString(),
                                    "-proc:none",
                                    "--add-modules",
                                    "jdk.incubator.vector",
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            sources)
                    .call();
            assertTrue(compiled, messages.toString());
        }
    }

    private static Path test(String root) {
        return Path.of("..", MODULES.get(root), "src", "test", "java", root.replace('.', '/'), "ArchitectureTest.java");
    }
}
