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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables of packages in docs/internals/architecture.md are the code's: they name every package of a module, each
 * package uses exactly those that its row names, and those stand below it.
 */
class PackageTableTest {

    private static final String PENSTOCK = "dev.penstock";
    /** What the store's jar contains of a library; see docs/internals/decisions/0005-dependencies.md. */
    private static final String LIBRARY = "dev.penstock.agrona";

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
            return new Table(root, rows("<!-- packages: " + root + " -->", 3));
        }

        /** The rows of the table below a mark: the first cell, and the words of another. */
        static Map<String, Set<String>> rows(String mark, int cell) throws IOException {
            List<String> lines = Files.readAllLines(DOCUMENT);
            int line = lines.indexOf(mark);
            assertTrue(line >= 0, "docs/internals/architecture.md has no " + mark);
            Map<String, Set<String>> rows = new LinkedHashMap<>();
            for (line += 3; line < lines.size() && lines.get(line).startsWith("|"); line++) {
                String[] cells = lines.get(line).split("\\|", -1);
                rows.put(words(cells[1]).iterator().next(), words(cells[cell]));
            }
            assertFalse(rows.isEmpty(), "the table below " + mark + " has no rows");
            return rows;
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

    /** The packages of other modules that a module uses: no other, and each of them. */
    @Test
    void theDocumentSaysWhichModuleUsesWhatOfOthers() throws IOException {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (String root : List.of("dev.penstock.store", "dev.penstock.server", "dev.penstock.tools")) {
            Set<String> others = new TreeSet<>();
            for (JavaClass each : classes(root)) {
                for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (isOf(PENSTOCK, target) && !isOf(root, target) && !isOf(LIBRARY, target)) {
                        others.add(target.getPackageName().substring(PENSTOCK.length() + 1));
                    }
                }
            }
            uses.put(root.substring(PENSTOCK.length() + 1), others);
        }
        Map<String, Set<String>> rows = Table.rows("<!-- modules -->", 2);
        assertTrue(rows.remove("typed") != null, "the row that the ArchitectureTest of store/typed compares");
        assertTrue(rows.remove("cluster") != null, "the row that the ArchitectureTest of server/cluster compares");
        assertEquals(new TreeMap<>(rows), uses);
    }

    /** The picture above the tables names packages too. */
    @Test
    void thePictureNamesPackagesThatAreThere() throws IOException {
        String document = Files.readString(DOCUMENT);
        String picture = document.substring(document.indexOf("```"), document.indexOf("<!-- packages"));
        Map<String, Set<String>> named = Map.of("server", new TreeSet<>(), "store", new TreeSet<>());
        for (String line : picture.lines().toList()) {
            Matcher words = Pattern.compile(" \\.(\\w+)").matcher(line);
            while (words.find()) {
                named.get(line.contains("server:") ? "server" : "store").add(words.group(1));
            }
        }
        for (String module : named.keySet()) {
            Set<String> there = Table.read(PENSTOCK + "." + module).uses().keySet();
            assertFalse(named.get(module).isEmpty(), "the picture names no package of " + module);
            assertTrue(there.containsAll(named.get(module)), () -> module + " has no " + named.get(module));
        }
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
        List<String> arrows = new ArrayList<>();
        for (String from : table.uses().keySet()) {
            for (String to : table.uses().keySet()) {
                if (!from.equals(to) && !table.uses().get(from).contains(to)) {
                    plant(samples.get(from).getPackageName(), samples.get(to).getName(), arrows.size());
                    arrows.add(from + " -> " + to);
                }
            }
        }
        assertTrue(arrows.size() > 10, "planted violations");
        List<String> found = new ArrayList<>();
        for (JavaClass planted : new ClassFileImporter().importPath(temporary)) {
            violations(table, used(table, List.of(planted)))
                    .forEach(violation -> found.add(violation.substring(0, violation.indexOf(':'))));
        }
        assertEquals(arrows.stream().sorted().toList(), found.stream().sorted().toList());
    }

    private void plant(String packageName, String target, int number) throws IOException {
        String name = "Planted" + number;
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(packageName + "." + name),
                        type -> type.withField("field", ClassDesc.of(target), ClassFile.ACC_PRIVATE));
        Files.write(temporary.resolve(name + ".class"), bytes);
    }
}
