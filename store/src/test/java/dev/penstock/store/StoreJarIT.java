package dev.penstock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The jar that is published needs no other jar, and says what it is. */
class StoreJarIT {

    private static final Path JAR = Path.of(System.getProperty("penstock.jar"));
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String AGRONA = "dev/penstock/agrona/";

    /** What the documents show a newcomer, and a background thread, which runs on a class of Agrona. */
    private static final String PROGRAM = """
            import dev.penstock.store.*;

            void main() {
                try (Store store = Store.open(Path.of("data"))) {
                    store.put("greeting".getBytes(), "hello".getBytes());
                    store.sync();
                    store.compact(ProgressListener.NONE);
                    IO.println(new String(store.getBytes("greeting".getBytes())));
                    IO.println(Store.class.getModule().isNamed());
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void aProgramNeedsThisJarAloneOnTheClassPath() throws Exception {
        assertEquals("hello\nfalse\n", run("--enable-native-access=ALL-UNNAMED", "-cp", JAR.toString()));
    }

    @Test
    void aProgramNeedsThisJarAloneOnTheModulePath() throws Exception {
        String module = "dev.penstock.store";
        assertEquals(
                "hello\ntrue\n",
                run("--enable-native-access=" + module, "-p", JAR.toString(), "--add-modules", module));
    }

    /** Except for annotations, which a JVM does not look for. */
    @Test
    void noClassRefersToOneThatIsInNoModuleOfTheJdk() {
        List<String> missing = jdeps("--missing-deps")
                .lines()
                .filter(line -> line.contains(" not found") && !line.contains(" -> not found"))
                .filter(line -> !line.contains(" org.jspecify.annotations."))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void theModuleRequiresTheModulesThatItsClassesUse() {
        ModuleDescriptor descriptor =
                ModuleFinder.of(JAR).findAll().iterator().next().descriptor();
        Set<String> readable = new TreeSet<>();
        descriptor.requires().forEach(required -> addReadable(required.name(), readable));
        Set<String> used = jdeps("-s")
                .lines()
                .filter(line -> line.startsWith("dev.penstock.store -> ") && !line.endsWith(" not found"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .collect(Collectors.toSet());
        assertTrue(used.contains("jdk.jfr"), used.toString());
        assertTrue(readable.containsAll(used), "requires " + readable + ", uses " + used);
        assertTrue(descriptor.exports().stream()
                .noneMatch(export -> export.source().startsWith("dev.penstock.store.internal")));
    }

    @Test
    void theLibraryInsideHasNamesOfItsOwn() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> classes = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class"))
                    .toList();
            List<String> foreign = classes.stream()
                    .filter(name -> !name.startsWith("dev/penstock/store/") && !name.startsWith(AGRONA))
                    .filter(name -> !name.equals("module-info.class"))
                    .toList();
            assertEquals(List.of(), foreign);
            long shaded =
                    classes.stream().filter(name -> name.startsWith(AGRONA)).count();
            assertTrue(shaded > 10 && shaded < 100, shaded + " classes of Agrona");
        }
    }

    @Test
    void theJarSaysWhatItIsAndUnderWhichLicences() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Manifest manifest = jar.getManifest();
            assertEquals("Penstock Store", manifest.getMainAttributes().getValue("Implementation-Title"));
            assertEquals(
                    Release.current().version(), manifest.getMainAttributes().getValue("Implementation-Version"));
            assertEquals(Files.readString(Path.of("../LICENSE")), text(jar, "META-INF/LICENSE"));
            String notice = text(jar, "META-INF/NOTICE");
            assertTrue(notice.contains(AGRONA.replace('/', '.').substring(0, AGRONA.length() - 1)), notice);
        }
    }

    /** What Maven and Gradle read: a dependency here would put Agrona on every program's class path again. */
    @Test
    void thePublishedPomHasNoDependencyForTheRunTime() throws Exception {
        NodeList dependencies = javax.xml.parsers.DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Path.of("dependency-reduced-pom.xml").toFile())
                .getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            Element dependency = (Element) dependencies.item(i);
            String scope = dependency.getElementsByTagName("scope").item(0).getTextContent();
            assertTrue(Set.of("test", "provided").contains(scope), dependency.getTextContent());
        }
        assertTrue(dependencies.getLength() > 0);
    }

    private static void addReadable(String name, Set<String> readable) {
        ModuleFinder.ofSystem().find(name).map(module -> module.descriptor()).ifPresent(descriptor -> {
            readable.add(name);
            descriptor.requires().stream()
                    .filter(required -> required.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE))
                    .forEach(required -> addReadable(required.name(), readable));
        });
    }

    private static String jdeps(String option) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        ToolProvider.findFirst("jdeps").orElseThrow().run(out, out, "--multi-release", "base", option, JAR.toString());
        return text.toString();
    }

    private static String text(JarFile jar, String name) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** What the program prints, started from its source. */
    private String run(String... options) throws Exception {
        Files.writeString(folder.resolve("Hello.java"), PROGRAM);
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(List.of(options));
        command.add("Hello.java");
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(errors.toFile())
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), Files.readString(errors));
        assertFalse(Files.readString(errors).contains("WARNING"), Files.readString(errors));
        return printed;
    }
}
