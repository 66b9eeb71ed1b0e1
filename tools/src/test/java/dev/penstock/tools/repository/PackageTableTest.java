package dev.penstock.tools.repository;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The tables of packages in docs/internals/architecture.md are the code's: they name every package of a module, each
 * package uses exactly those that its row names, and those stand below it.
 */
class PackageTableTest {

    private static final String PENSTOCK = "dev.penstock";

    /** The modules whose classes are here. */
    private static final List<String> MODULES =
            List.of("dev.penstock.store", "dev.penstock.server", "dev.penstock.cluster", "dev.penstock.tools");

    /** What the store's jar contains of a library; see docs/internals/decisions/0005-dependencies.md. */
    private static final String LIBRARY = "dev.penstock.agrona";

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
            return new Table(root, ArchitecturePage.packages(root));
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
    @FieldSource("MODULES")
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
    @FieldSource("MODULES")
    void whatAPackageUsesStandsBelowIt(String root) throws IOException {
        Map<String, Set<String>> uses = ArchitecturePage.packages(root);
        assertEquals(List.of(), upwards(List.copyOf(uses.keySet()), uses));
    }

    /** The arrows of a table that do not point down, if its rows stand in an order. */
    private static List<String> upwards(List<String> order, Map<String, Set<String>> uses) {
        List<String> upwards = new ArrayList<>();
        uses.forEach((from, targets) -> targets.stream()
                .filter(to -> order.indexOf(to) <= order.indexOf(from))
                .forEach(to -> upwards.add(from + " -> " + to)));
        return upwards;
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void anArrowThatPointsUpIsFound(String root) throws IOException {
        Map<String, Set<String>> uses = ArchitecturePage.packages(root);
        List<String> order = List.copyOf(uses.keySet());
        int arrows = uses.values().stream().mapToInt(Set::size).sum();
        assertEquals(arrows, upwards(order.reversed(), uses).size());
        String last = order.getLast();
        Map<String, Set<String>> planted = new LinkedHashMap<>(uses);
        planted.put(last, Set.of(order.getFirst()));
        assertEquals(List.of(last + " -> " + order.getFirst()), upwards(order, planted));
    }

    /** The packages of other modules that a module uses: no other, and each of them. */
    @Test
    void theDocumentSaysWhichModuleUsesWhatOfOthers() throws IOException {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (String root : MODULES) {
            uses.put(root.substring(PENSTOCK.length() + 1), ofOtherModules(root, classes(root)));
        }
        assertEquals(new TreeMap<>(modules()), uses);
    }

    /** The rows of the modules whose classes are here. */
    private static Map<String, Set<String>> modules() throws IOException {
        Map<String, Set<String>> rows = ArchitecturePage.modules();
        assertTrue(rows.remove("typed") != null, "the row that the ArchitectureTest of store/typed compares");
        return rows;
    }

    private static Set<String> ofOtherModules(String root, Iterable<JavaClass> classes) {
        Set<String> others = new TreeSet<>();
        for (JavaClass each : classes) {
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isOf(PENSTOCK, target) && !isOf(root, target) && !isOf(LIBRARY, target)) {
                    others.add(target.getPackageName().substring(PENSTOCK.length() + 1));
                }
            }
        }
        return others;
    }

    /** One class is planted for each package of another module that the table does not name. */
    @Test
    void aModuleThatUsesWhatItsRowDoesNotNameIsFound() throws IOException {
        Map<String, Set<String>> rows = modules();
        int planted = 0;
        for (String root : MODULES) {
            Path folder = Files.createDirectory(temporary.resolve(root));
            Set<String> arrows = new TreeSet<>();
            for (String other : MODULES) {
                for (JavaClass each : other.equals(root) ? List.<JavaClass>of() : classes(other)) {
                    String name = each.getPackageName().substring(PENSTOCK.length() + 1);
                    boolean isSample = isOf(other, each) && !isOf(LIBRARY, each);
                    if (isSample
                            && !rows.get(root.substring(PENSTOCK.length() + 1)).contains(name)
                            && arrows.add(name)) {
                        plant(folder, root, each.getName(), arrows.size());
                    }
                }
            }
            assertEquals(arrows, ofOtherModules(root, new ClassFileImporter().importPath(folder)));
            planted += arrows.size();
        }
        assertTrue(planted > 50, planted + " planted violations");
    }

    /**
     * Were the rules blind, nothing else would say so: one class is planted for each arrow that the tables do not have.
     */
    @ParameterizedTest
    @FieldSource("MODULES")
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
                    plant(
                            temporary,
                            samples.get(from).getPackageName(),
                            samples.get(to).getName(),
                            arrows.size());
                    arrows.add(from + " -> " + to);
                }
            }
        }
        int named = table.uses().values().stream().mapToInt(Set::size).sum();
        assertEquals(table.uses().size() * (table.uses().size() - 1) - named, arrows.size(), "planted violations");
        assertFalse(arrows.isEmpty(), "planted violations");
        List<String> found = new ArrayList<>();
        for (JavaClass planted : new ClassFileImporter().importPath(temporary)) {
            violations(table, used(table, List.of(planted)))
                    .forEach(violation -> found.add(violation.substring(0, violation.indexOf(':'))));
        }
        assertEquals(arrows.stream().sorted().toList(), found.stream().sorted().toList());
    }

    private static void plant(Path folder, String packageName, String target, int number) throws IOException {
        String name = "Planted" + number;
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(packageName + "." + name),
                        type -> type.withField("field", ClassDesc.of(target), ClassFile.ACC_PRIVATE));
        Files.write(folder.resolve(name + ".class"), bytes);
    }
}
