package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule of {@link ArchitectureTest} fails for a class that breaks it, one for each arrow that may not be there. */
class PlantedViolationsTest {

    private static final String ROOT = "dev.penstock.bench.";

    /** A class of each package, and the packages that may not use it. */
    private static final Map<String, List<String>> ARROWS = Map.of(
            "embedded.Operation", List.of("scale", "instructions", "server", "engine", "process", "report"),
            "scale.OpenRun", List.of("embedded", "instructions", "server", "engine", "process", "report"),
            "instructions.Budgets", List.of("embedded", "scale", "server", "engine", "process", "report"),
            "server.ZeroCopy", List.of("embedded", "scale", "instructions", "engine", "process", "report"),
            "engine.Contender", List.of("server", "process", "report"),
            "process.ChildJvm", List.of("engine", "report"),
            "report.Table", List.of("engine", "process"));

    /** A class that breaks a rule: one of a package, with a field of a type. */
    private record Plant(String rule, String packageName, String type) {}

    @TempDir
    Path temporary;

    private static List<Plant> plants() {
        List<Plant> plants = new ArrayList<>(List.of(
                new Plant("thePeersAreTheEnginePackagesOwn", "embedded", "net.openhft.chronicle.map.ChronicleMap"),
                new Plant("thePeersAreTheEnginePackagesOwn", "scale", "org.lmdbjava.Env"),
                new Plant("jmhIsTheEmbeddedPackagesOwn", "scale", "org.openjdk.jmh.runner.Runner"),
                new Plant("nobodySeesTheInnardsOfTheStore", "engine", "dev.penstock.store.internal.io.Disk")));
        ARROWS.forEach((type, packages) ->
                packages.forEach(from -> plants.add(new Plant("arrowsPointOneWay", from, ROOT + type))));
        return plants;
    }

    @Test
    void everyRuleFailsWhereItIsBroken() throws Exception {
        List<Plant> plants = plants();
        for (int number = 0; number < plants.size(); number++) {
            plant(plants.get(number), number);
        }
        Set<Location> locations = new HashSet<>(Locations.ofPackage("dev.penstock.bench"));
        locations.add(Location.of(temporary));
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importLocations(locations);
        Set<String> rules = new TreeSet<>();
        List<String> blind = new ArrayList<>();
        for (Field field : ArchitectureTest.class.getDeclaredFields()) {
            if (!ArchRule.class.isAssignableFrom(field.getType())) {
                continue;
            }
            rules.add(field.getName());
            String report = ((ArchRule) field.get(null))
                    .evaluate(classes)
                    .getFailureReport()
                    .toString();
            for (int number = 0; number < plants.size(); number++) {
                if (plants.get(number).rule().equals(field.getName())
                        && !report.contains(".Planted" + number + ".field")) {
                    blind.add(plants.get(number).toString());
                }
            }
        }
        assertEquals(List.of(), blind);
        assertEquals(rules, plants.stream().map(Plant::rule).collect(Collectors.toCollection(TreeSet::new)));
    }

    private void plant(Plant plant, int number) throws IOException {
        String name = "Planted" + number;
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(ROOT + plant.packageName() + "." + name),
                        type -> type.withField("field", ClassDesc.of(plant.type()), ClassFile.ACC_PRIVATE));
        Path folder = Files.createDirectories(
                temporary.resolve(ROOT.replace('.', '/')).resolve(plant.packageName()));
        Files.write(folder.resolve(name + ".class"), bytes);
    }
}
