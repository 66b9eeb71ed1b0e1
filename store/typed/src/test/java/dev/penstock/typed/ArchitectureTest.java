package dev.penstock.typed;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The typed API stands on the public API of the store alone, and its optional libraries stay in their packages. Each
 * rule fails for a class that breaks it, and docs/internals/architecture.md says the same as the code.
 */
class ArchitectureTest {

    private static final Path DOCUMENT = Path.of("..", "..", "docs", "internals", "architecture.md");
    private static final String TYPED = "dev.penstock.typed";

    private static final ArchRule NOTHING_BEHIND_THE_PUBLIC_API = noClasses()
            .that()
            .resideInAPackage(TYPED + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.penstock.store.internal..", "dev.penstock.store.transfer..");

    private static final ArchRule THE_STORE_KNOWS_NO_TYPES = noClasses()
            .that()
            .resideInAPackage("dev.penstock.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(TYPED + "..");

    private static final ArchRule JACKSON_IS_OPTIONAL = noClasses()
            .that()
            .resideOutsideOfPackage(TYPED + ".json")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml..");

    private static final ArchRule MICROMETER_IS_OPTIONAL = noClasses()
            .that()
            .resideOutsideOfPackage(TYPED + ".micrometer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    private static final ArchRule PACKAGES_OF_LIBRARIES_ARE_NOT_NEEDED = noClasses()
            .that()
            .resideInAPackage(TYPED)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TYPED + ".json..", TYPED + ".micrometer..");

    /** For each rule a package, and a type that its classes may not use. */
    private static final Map<ArchRule, List<String>> PLANTS = Map.of(
            NOTHING_BEHIND_THE_PUBLIC_API, List.of(TYPED, "dev.penstock.store.internal.io.Disk"),
            THE_STORE_KNOWS_NO_TYPES, List.of("dev.penstock.store", TYPED + ".Codec"),
            JACKSON_IS_OPTIONAL, List.of(TYPED, "com.fasterxml.jackson.databind.ObjectMapper"),
            MICROMETER_IS_OPTIONAL, List.of(TYPED + ".json", "io.micrometer.core.instrument.Gauge"),
            PACKAGES_OF_LIBRARIES_ARE_NOT_NEEDED, List.of(TYPED, TYPED + ".json.JsonCodec"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.penstock");

    @TempDir
    Path temporary;

    @Test
    void everyRuleHoldsAndFailsWhereItIsBroken() throws IOException {
        int number = 0;
        for (Map.Entry<ArchRule, List<String>> plant : PLANTS.entrySet()) {
            plant.getKey().check(CLASSES);
            Path folder = Files.createDirectory(temporary.resolve("rule" + number++));
            plant(folder, plant.getValue().getFirst(), plant.getValue().getLast());
            JavaClasses planted = new ClassFileImporter().importPath(folder);
            assertFalse(
                    plant.getKey().evaluate(planted).getFailureReport().isEmpty(),
                    plant.getKey().getDescription());
        }
    }

    private static void plant(Path folder, String packageName, String target) throws IOException {
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(packageName + ".Planted"),
                        type -> type.withField("field", ClassDesc.of(target), ClassFile.ACC_PRIVATE));
        Files.write(folder.resolve("Planted.class"), bytes);
    }

    /** The last cell of each row of the table below a mark, by the first. */
    private static Map<String, Set<String>> table(String mark) throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        Map<String, Set<String>> rows = new TreeMap<>();
        for (int line = lines.indexOf(mark) + 3; lines.get(line).startsWith("|"); line++) {
            List<String> cells = List.of(lines.get(line).split("\\|", -1));
            rows.put(words(cells.get(1)).getFirst(), new TreeSet<>(words(cells.get(cells.size() - 2))));
        }
        return rows;
    }

    private static List<String> words(String cell) {
        return Pattern.compile("`([\\w.]+)`")
                .matcher(cell)
                .results()
                .map(word -> word.group(1))
                .toList();
    }

    /** The packages below a root that the classes of a package use. */
    private static Set<String> used(String packageName, String root) {
        return CLASSES.stream()
                .filter(type -> type.getPackageName().equals(packageName))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency ->
                        dependency.getTargetClass().getBaseComponentType().getPackageName())
                .filter(name -> (name + ".").startsWith(root + ".") && !name.equals(packageName))
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theDocumentSaysWhichPackageUsesWhich() throws IOException {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (String name : List.of(TYPED, TYPED + ".json", TYPED + ".micrometer")) {
            uses.put(name.substring(name.lastIndexOf('.') + 1), used(name, TYPED));
        }
        assertEquals(uses, table("<!-- packages: " + TYPED + " -->"));
        assertEquals(Set.of("store"), used(TYPED, "dev.penstock.store"), "what the table of modules says of typed");
        assertEquals(Set.of("store"), table("<!-- modules -->").get("typed"));
    }
}
