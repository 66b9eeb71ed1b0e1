package dev.penstock.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
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
 * Nothing below the cluster knows it, and the engine of consensus stays in one package, so that it can be exchanged.
 * Each rule fails for a class that breaks it, and docs/internals/architecture.md says the same as the code.
 */
class ArchitectureTest {

    private static final Path DOCUMENT = Path.of("..", "..", "docs", "internals", "architecture.md");
    private static final String CLUSTER = "dev.penstock.cluster";

    private static final ArchRule NOTHING_BELOW_KNOWS_THE_CLUSTER = noClasses()
            .that()
            .resideInAnyPackage("dev.penstock.store..", "dev.penstock.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLUSTER + "..");

    private static final ArchRule THE_ENGINE_CAN_BE_EXCHANGED = noClasses()
            .that()
            .resideOutsideOfPackage(CLUSTER + ".raft")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.ratis..", "org.slf4j..");

    private static final ArchRule NOTHING_BEHIND_THE_PUBLIC_API_OF_THE_STORE = noClasses()
            .that()
            .resideInAPackage(CLUSTER + "..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.penstock.store.internal..");

    /** For each rule a package, and a type that its classes may not use. */
    private static final Map<ArchRule, List<String>> PLANTS = Map.of(
            NOTHING_BELOW_KNOWS_THE_CLUSTER, List.of("dev.penstock.server", CLUSTER + ".entry.LogEntry"),
            THE_ENGINE_CAN_BE_EXCHANGED, List.of(CLUSTER + ".entry", "org.apache.ratis.server.RaftServer"),
            NOTHING_BEHIND_THE_PUBLIC_API_OF_THE_STORE, List.of(CLUSTER, "dev.penstock.store.internal.io.Disk"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.penstock");

    @TempDir
    Path temporary;

    @Test
    void everyRuleHoldsAndFailsWhereItIsBroken() throws IOException {
        int number = 0;
        for (Map.Entry<ArchRule, List<String>> plant : PLANTS.entrySet()) {
            plant.getKey().allowEmptyShould(true).check(CLASSES);
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

    /** The packages of Penstock that the classes of some packages use, but for those packages themselves. */
    private static Set<String> used(Set<String> packageNames) {
        return CLASSES.stream()
                .filter(type -> packageNames.contains(type.getPackageName()))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency ->
                        dependency.getTargetClass().getBaseComponentType().getPackageName())
                .filter(name -> name.startsWith("dev.penstock.") && !packageNames.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String shortName(String packageName) {
        return packageName.substring(packageName.lastIndexOf('.') + 1);
    }

    @Test
    void theDocumentSaysWhichPackageUsesWhich() throws IOException {
        Set<String> names = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> (name + ".").startsWith(CLUSTER + "."))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, Set<String>> uses = new TreeMap<>();
        for (String name : names) {
            uses.put(
                    shortName(name),
                    used(Set.of(name)).stream()
                            .filter(names::contains)
                            .map(ArchitectureTest::shortName)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        assertEquals(uses, table("<!-- packages: " + CLUSTER + " -->"));
        assertEquals(
                used(names).stream()
                        .map(name -> name.substring("dev.penstock.".length()))
                        .collect(Collectors.toCollection(TreeSet::new)),
                table("<!-- modules -->").get("cluster"));
    }
}
