package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The libraries are as a public repository wants them: described, licensed, with sources and Javadoc, and signed. */
class LibrariesIT {

    private static final List<String> JARS = List.of(".jar", "-sources.jar", "-javadoc.jar");

    @TempDir
    Path folder;

    @Test
    void onlyLibrariesArePublished() throws Exception {
        try (Stream<Path> names = Files.list(Staging.MAVEN.resolve("dev/penstock"))) {
            Set<String> published = new TreeSet<>();
            names.forEach(name -> published.add(name.getFileName().toString()));
            assertTrue(
                    published.containsAll(Set.of("penstock-bom", "penstock-parent", "penstock-server")),
                    "" + published);
            for (String program : List.of("penstock-tools", "penstock-bench", "penstock-packaging")) {
                assertFalse(published.contains(program), program);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"penstock-store", "penstock-typed", "penstock-server"})
    void eachJarHasLicenceAndVersion(String name) throws Exception {
        String licence = Files.readString(Path.of("../LICENSE"));
        for (String ending : JARS) {
            Path jar = Staging.artifact(name, ending);
            assertEquals(licence, Staging.entry(jar, "META-INF/LICENSE"), jar.toString());
            assertTrue(Staging.entry(jar, "META-INF/NOTICE").contains("Agrona"), jar.toString());
        }
        try (JarFile jar = new JarFile(Staging.artifact(name, ".jar").toFile())) {
            Attributes attributes = jar.getManifest().getMainAttributes();
            assertEquals(Staging.VERSION, attributes.getValue("Implementation-Version"));
            assertTrue(attributes.getValue("Implementation-Title").startsWith("Penstock "), "" + attributes);
        }
        String apidocs = Staging.entry(Staging.artifact(name, "-javadoc.jar"), "element-list");
        assertFalse(apidocs.contains("internal"), apidocs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"penstock-parent", "penstock-bom", "penstock-store", "penstock-typed", "penstock-server"})
    void eachPomSaysWhatARepositoryAsks(String name) throws Exception {
        Document pom = pom(name);
        Document parent = pom("penstock-parent");
        for (String element : List.of("name", "description")) {
            assertTrue(hasOwn(pom, element), name + " has no " + element);
        }
        for (String element : List.of("url", "licenses", "developers", "scm")) {
            boolean inherited = hasOwn(pom, "parent") && hasOwn(parent, element);
            assertTrue(hasOwn(pom, element) || inherited, name + " has no " + element);
        }
        assertFalse(Files.readString(Staging.artifact(name, ".pom")).contains("-SNAPSHOT"), name);
    }

    /** A program that imports it gets no version of anything else. */
    @Test
    void theBomNamesThePublishedJarsAndNothingElse() throws Exception {
        Document bom = pom("penstock-bom");
        assertFalse(hasOwn(bom, "parent"));
        NodeList dependencies = bom.getElementsByTagName("dependency");
        Set<String> named = new TreeSet<>();
        for (int i = 0; i < dependencies.getLength(); i++) {
            Element dependency = (Element) dependencies.item(i);
            assertEquals(Staging.VERSION, text(dependency, "version").replace("${project.version}", Staging.VERSION));
            named.add(text(dependency, "artifactId"));
        }
        Set<String> jars = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Staging.MAVEN)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("-" + Staging.VERSION + ".jar"))
                    .forEach(name -> jars.add(name.replace("-" + Staging.VERSION + ".jar", "")));
        }
        assertEquals(jars, named);
    }

    @Test
    void eachFileIsSignedByTheKeyOfTheRelease() throws Exception {
        Path home = Files.createDirectory(folder.resolve("gnupg"));
        Files.setPosixFilePermissions(home, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Map<String, String> keys = Map.of("GNUPGHOME", home.toString());
        Staging.run(
                folder,
                keys,
                List.of(
                        "gpg",
                        "--batch",
                        "--import",
                        Staging.FILES.resolve("key.asc").toString()));
        int count = 0;
        for (Path root : List.of(Staging.MAVEN, Staging.FILES)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = file.getFileName().toString();
                    if (root.equals(Staging.MAVEN) ? name.matches(".*\\.(jar|pom|json)") : name.equals("SHA256SUMS")) {
                        Staging.run(
                                folder, keys, List.of("gpg", "--batch", "--verify", file + ".asc", file.toString()));
                        count++;
                    }
                }
            }
        }
        assertTrue(count > 10, count + " files are signed");
        Staging.run(Staging.FILES, "sha256sum", "--check", "--strict", "SHA256SUMS");
    }

    /** Also what is inside of a jar. */
    @Test
    void theBillOfMaterialsListsWhatIsUsed() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode store = mapper.readTree(
                Staging.artifact("penstock-store", "-cyclonedx.json").toFile());
        assertEquals("CycloneDX", store.path("bomFormat").asText());
        assertTrue(names(store).contains("agrona"), names(store).toString());
        Set<String> program = names(mapper.readTree(Staging.FILES
                .resolve("penstock-" + Staging.VERSION + "-sbom.json")
                .toFile()));
        assertTrue(
                program.containsAll(Set.of("penstock-store", "penstock-server", "picocli", "netty-codec-http")),
                program.toString());
        assertFalse(program.contains("junit-jupiter"), program.toString());
    }

    private static Set<String> names(JsonNode bill) {
        Set<String> names = new TreeSet<>();
        bill.path("components")
                .forEach(component -> names.add(component.path("name").asText()));
        return names;
    }

    private static Document pom(String name) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Staging.artifact(name, ".pom").toFile());
    }

    private static boolean hasOwn(Document pom, String element) {
        NodeList children = pom.getDocumentElement().getChildNodes();
        for (int i = 0; i < children.getLength(); i++) {
            if (children.item(i).getNodeName().equals(element)) {
                return true;
            }
        }
        return false;
    }

    private static String text(Element element, String name) {
        return element.getElementsByTagName(name).item(0).getTextContent();
    }
}
