package dev.penstock.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables of packages in docs/internals/architecture.md are the code's: they name every package of a module, each
 * package uses exactly those that its row names, and those stand below it.
 */
class PackageTableTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "internals", "architecture.md");

    /** What an inner package may use of its module's public one, besides the exceptions: options, and results. */
    private static final Set<String> SHARED = Set.of(
            "dev.penstock.store.BackupReport",
            "dev.penstock.store.CompactionReport",
            "dev.penstock.store.StoreOptions",
            "dev.penstock.store.Durability",
            "dev.penstock.store.StoreStats",
            "dev.penstock.store.StoreStats$CompactionState",
            "dev.penstock.store.StoreStats$CompactionStats",
            "dev.penstock.store.StoreStats$IndexStats",
            "dev.penstock.store.StoreStats$SegmentStats",
            "dev.penstock.store.ProgressListener",
            "dev.penstock.server.TransferMode");

    @TempDir
    Path temporary;

    /** One table: for each package, from top to bottom, those that it uses. */
    private record Table(String root, Map<String, Set<String>> uses) {

        static Table read(String root) throws IOException {
            List<String> lines = Files.readAllLines(DOCUMENT);
            int line = lines.indexOf("<!-- packages: " + root + " -->");
            assertTrue(line >= 0, "docs/internals/architecture.md has no table of the packages of " + root);
            Map<String, Set<String>> uses = new LinkedHashMap<>();
            for (line += 3; line < lines.size() && lines.get(line).startsWith("|"); line++) {
                String[] cells = lines.get(line).split("\\|", -1);
                uses.put(words(cells[1]).iterator().next(), words(cells[3]));
            }
            assertFalse(uses.isEmpty(), "the table of " + root + " has no rows");
            return new Table(root, uses);
        }

        private static Set<String> words(String cell) {
            return Stream.of(cell.replace("`", "").split("[\\s,]+"))
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        String shortName(String packageName) {
            if (packageName.equals(root)) {
                return root.substring(root.lastIndexOf('.') + 1);
            }
            return packageName.substring(root.length() + 1).replace("internal.", "");
        }
    }

    private static JavaClasses classes(String root) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(root);
    }

    /** For each package those that it uses, with one class that does. */
    private static Map<String, Map<String, String>> used(Table table, Iterable<JavaClass> classes) {
        Map<String, Map<String, String>> used = new TreeMap<>();
        for (JavaClass each : classes) {
            String from = table.shortName(each.getPackageName());
            used.computeIfAbsent(from, _ -> new TreeMap<>());
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isOf(table.root(), target) && !target.getPackageName().equals(each.getPackageName())) {
                    String to = table.shortName(target.getPackageName());
                    if (!isShared(table, target)) {
                        used.get(from).putIfAbsent(to, each.getName() + " uses " + target.getName());
                    }
                }
            }
        }
        return used;
    }

    private static boolean isOf(String root, JavaClass type) {
        return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
    }

    private static boolean isShared(Table table, JavaClass type) {
        return type.getPackageName().equals(table.root())
                && (type.isAssignableTo(Throwable.class) || SHARED.contains(type.getName()));
    }

    private static List<String> violations(Table table, Map<String, Map<String, String>> used) {
        List<String> violations = new ArrayList<>();
        used.forEach((from, targets) -> targets.forEach((to, example) -> {
            if (!table.uses().getOrDefault(from, Set.of()).contains(to)) {
                violations.add(from + " -> " + to + ": " + example);
            }
        }));
        return violations;
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.penstock.store", "dev.penstock.server", "dev.penstock.tools"})
    void theDocumentSaysWhichPackageUsesWhich(String root) throws IOException {
        Table table = Table.read(root);
        Map<String, Map<String, String>> used = used(table, classes(root));
        assertEquals(used.keySet(), new TreeSet<>(table.uses().keySet()), "packages");
        assertEquals(List.of(), violations(table, used));
        for (Map.Entry<String, Set<String>> row : table.uses().entrySet()) {
            assertEquals(used.get(row.getKey()).keySet(), row.getValue(), "what " + row.getKey() + " uses");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.penstock.store", "dev.penstock.server", "dev.penstock.tools"})
    void whatAPackageUsesStandsBelowIt(String root) throws IOException {
        Table table = Table.read(root);
        List<String> order = List.copyOf(table.uses().keySet());
        table.uses().forEach((from, targets) -> {
            for (String to : targets) {
                assertTrue(
                        order.indexOf(to) > order.indexOf(from),
                        () -> from + " uses " + to + ", which is not below it");
            }
        });
    }

    /**
     * Were the rules blind, nothing else would say so: one class is planted for each arrow that the tables do not have.
     */
    @ParameterizedTest
    @ValueSource(strings = {"dev.penstock.store", "dev.penstock.server", "dev.penstock.tools"})
    void aClassThatUsesWhatItsRowDoesNotNameIsFound(String root) throws IOException {
        Table table = Table.read(root);
        Map<String, JavaClass> samples = new TreeMap<>();
        for (JavaClass each : classes(root)) {
            if (!isShared(table, each)
                    && each.isTopLevelClass()
                    && !each.getSimpleName().equals("package-info")) {
                samples.putIfAbsent(table.shortName(each.getPackageName()), each);
            }
        }
        int number = 0;
        for (String from : table.uses().keySet()) {
            for (String to : table.uses().keySet()) {
                if (!from.equals(to) && !table.uses().get(from).contains(to)) {
                    Path planted = plant(
                            samples.get(from).getPackageName(), samples.get(to).getName(), number++);
                    JavaClasses found = new ClassFileImporter().importPaths(planted);
                    assertEquals(1, violations(table, used(table, found)).size(), () -> from + " -> " + to);
                }
            }
        }
        assertTrue(number > 10, "planted violations");
    }

    private Path plant(String packageName, String target, int number) throws IOException {
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(packageName + ".Planted"),
                        type -> type.withField("field", ClassDesc.of(target), ClassFile.ACC_PRIVATE));
        Path directory = Files.createDirectory(temporary.resolve("planted" + number));
        Files.write(directory.resolve("Planted.class"), bytes);
        return directory;
    }
}
