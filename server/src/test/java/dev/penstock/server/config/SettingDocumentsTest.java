package dev.penstock.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the documents say of settings is what their rows say. */
class SettingDocumentsTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void theTableOfTheReferenceIsTheRows() throws IOException {
        List<String> page = Files.readAllLines(ROOT.resolve("docs/reference/settings.md"));
        int first = page.indexOf("<!-- settings -->") + 3;
        List<String> rows =
                SettingTable.all().stream().map(SettingDocumentsTest::row).toList();
        assertEquals(String.join("\n", rows), String.join("\n", page.subList(first, first + rows.size())));
        assertEquals("", page.get(first + rows.size()), "after the table");
    }

    /** The rows register themselves; a constant that was made in another way would be in no document. */
    @Test
    void everyConstantIsARow() throws IllegalAccessException {
        List<Setting> constants = new ArrayList<>();
        for (Field field : SettingTable.class.getFields()) {
            if (field.getType() == Setting.class) {
                constants.add((Setting) field.get(null));
            }
        }
        assertEquals(Set.copyOf(constants), Set.copyOf(SettingTable.all()));
        assertEquals(constants.size(), SettingTable.all().size(), "each is registered once");
    }

    private static String row(Setting setting) {
        String option = setting.isAtStart() ? "--" + setting.name() : setting.name();
        String label = setting.label().isEmpty() ? "" : " " + setting.label();
        return "| `" + option + label + "` | " + setting.help() + " | " + setting.defaultWords() + " | "
                + (setting.isLive() ? "yes" : "no") + " |";
    }

    /**
     * Each setting is there once, under its help; what is commented out shows the default, or an example if there is
     * none.
     */
    @Test
    void thePackagedConfigurationFileIsTheRows() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("packaging/penstock.conf"));
        for (Setting setting : SettingTable.all()) {
            if (setting.isAtStart()) {
                List<Integer> found = new ArrayList<>();
                for (int i = 0; i < lines.size(); i++) {
                    if (lines.get(i).matches("(# )?" + setting.name() + " = .*")) {
                        found.add(i);
                    }
                }
                assertEquals(1, found.size(), setting.name());
                int line = found.getFirst();
                assertEquals(setting.help(), comment(lines, line), setting.name());
                String value = lines.get(line).replaceFirst(".* = ", "");
                setting.parse(value);
                boolean shown =
                        lines.get(line).startsWith("# ") && setting.value().equals(setting.defaultWords());
                assertEquals(shown ? setting.value() : value, value, setting.name());
            }
        }
    }

    /** The comment that ends above a line. */
    private static String comment(List<String> lines, int line) {
        int first = line;
        while (lines.get(first - 1).startsWith("# ") && !lines.get(first - 1).contains(" = ")) {
            first--;
        }
        return String.join(" ", lines.subList(first, line)).replace("# ", "");
    }
}
