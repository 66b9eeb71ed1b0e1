package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A reader who follows a link, or a path that a source file or a script names, arrives at a document. */
class DocumentsTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern MENTION = Pattern.compile("\\bdocs/[A-Za-z0-9/._-]+\\.(?:md|svg)\\b");
    private static final Pattern FENCE = Pattern.compile("^```.*?^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern FIGURES = Pattern.compile("<!-- figures: .*?<!-- end of figures -->", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("`[^`\\n]*`");
    private static final Pattern BARE_FRACTION = Pattern.compile("(?<![\\w.)/*])\\.\\d");
    /** Phrases that are translated word by word, or that hide who acts. */
    private static final Pattern TRANSLATED = Pattern.compile(
            "\\b(hangs? on|on end|gets? on|of (its|their) own accord|asked for|ever so|giv(es?|en|ing) back"
                    + "|on our side|anything of it|as (they|it) may|[Ww]hoever|[Ss]omebody|[Aa]nybody|one another"
                    + "|tells? whether|no room|room for|Who (wants|reads|writes|asks|has|does|needs|says)"
                    + "|by (night|day)|at last)\\b");

    private static final Pattern TRANSLATED_COMMENT = Pattern.compile("\\b([Ww]hoever|[Ss]omebody|[Aa]nybody|on end"
            + "|one another|[Gg]iv(es?|en|ing) back|and tells whether|of (its|their) own accord"
            + "|(is|are|was|were) asked for|[Ww]ho (wants|reads|writes|asks|has|does|needs|says))\\b");
    /** Where the words are those of the program's users. */
    private static final List<String> PROSE = List.of("tools/src/main", "penstock", "packaging");

    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern COMMENT = Pattern.compile(" *(/\\*|\\*|//)");
    private static final int MAX_COLUMNS = 120;
    private static final int MOST_CLICKS = 2;
    private static final Set<String> GENERATED = Set.of("target", ".git", "results");

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        List<String> broken = new ArrayList<>();
        int count = 0;
        for (Path page : documents()) {
            for (MatchResult link : LINK.matcher(prose(page)).results().toList()) {
                String[] parts = link.group(1).split("#", 2);
                if (parts[0].contains(":")) {
                    continue;
                }
                count++;
                Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                boolean leads = Files.exists(target)
                        && (parts.length == 1 || anchors(target).contains(parts[1]));
                if (!leads) {
                    broken.add(page + " links to " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(count > 40, "only " + count + " links were found");
    }

    /** Except single decisions, which their index lists. */
    @Test
    void everyDocumentIsWithinTwoClicksOfTheReadme() throws IOException {
        Set<Path> reached = new HashSet<>(Set.of(ROOT.resolve("README.md").normalize()));
        for (int clicks = 0; clicks < MOST_CLICKS; clicks++) {
            for (Path page : List.copyOf(reached)) {
                if (page.toString().endsWith(".md")) {
                    LINK.matcher(prose(page))
                            .results()
                            .forEach(link -> reached.add(
                                    page.resolveSibling(link.group(1).split("#", 2)[0])
                                            .normalize()));
                }
            }
        }
        List<Path> far = documents().stream()
                .map(Path::normalize)
                .filter(page -> page.startsWith(ROOT.resolve("docs").normalize()))
                .filter(page -> !page.getParent().endsWith("decisions"))
                .filter(page -> !reached.contains(page))
                .toList();
        assertEquals(List.of(), far);
        assertTrue(reached.size() > 20, "only " + reached.size() + " pages were reached");
    }

    @Test
    void everyDocumentThatAFileNamesIsThere() throws IOException {
        List<String> broken = new ArrayList<>();
        int count = 0;
        for (Path file : files(ROOT)) {
            for (MatchResult mention : MENTION.matcher(text(file)).results().toList()) {
                count++;
                if (!Files.exists(ROOT.resolve(mention.group()))) {
                    broken.add(file + " names " + mention.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(count > 20, "only " + count + " documents are named");
    }

    /** But for tables, links, blocks that are pasted as they stand, and what a program writes. */
    @Test
    void noLineIsLongerThan120Columns() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path page : documents()) {
            String text = FIGURES.matcher(prose(page)).replaceAll("");
            text.lines()
                    .filter(line -> line.length() > MAX_COLUMNS && !line.startsWith("|"))
                    .filter(line -> !LINK.matcher(line).find())
                    .forEach(line -> tooLong.add(page + ": " + line));
        }
        assertEquals(List.of(), tooLong);
    }

    /** The formatter wraps code, but neither comments nor long texts. A test's texts may be tables of cases. */
    @Test
    void noLineOfJavaIsLongerThan120Columns() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (String module : modules()) {
            for (Path file : files(ROOT.resolve(module).resolve("src"))) {
                text(file)
                        .lines()
                        .filter(line -> file.toString().endsWith(".java") && line.length() > MAX_COLUMNS)
                        .filter(line -> isMain(file) || COMMENT.matcher(line).lookingAt())
                        .forEach(line -> tooLong.add(file + ": " + line));
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void everyFractionHasItsZero() throws IOException {
        List<String> bare = new ArrayList<>();
        for (Path page : documents()) {
            CODE.matcher(prose(page))
                    .replaceAll("")
                    .lines()
                    .filter(line -> BARE_FRACTION.matcher(line).find())
                    .forEach(line -> bare.add(page + ": " + line));
        }
        assertEquals(List.of(), bare);
    }

    /** In documents, help texts, messages and the comments around them. */
    @Test
    void noPhraseReadsAsTranslated() throws IOException {
        List<Path> files = new ArrayList<>(documents());
        for (String path : PROSE) {
            Path file = ROOT.resolve(path);
            files.addAll(Files.isDirectory(file) ? files(file) : List.of(file));
        }
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            text(file)
                    .lines()
                    .filter(line -> TRANSLATED.matcher(line).find())
                    .forEach(line -> found.add(file + ": " + line.strip()));
        }
        assertEquals(List.of(), found);
        assertTrue(files.size() > 100, "only " + files.size() + " files were read");
    }

    /** In the comments of the modules' code, which speak of threads, processes and writers. */
    @Test
    void noCommentReadsAsTranslated() throws IOException {
        List<String> found = new ArrayList<>();
        int count = 0;
        for (String module : modules()) {
            for (Path file : files(ROOT.resolve(module).resolve("src/main"))) {
                count++;
                text(file)
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("*") || line.startsWith("/"))
                        .filter(line -> TRANSLATED_COMMENT.matcher(line).find())
                        .forEach(line -> found.add(file + ": " + line));
            }
        }
        assertEquals(List.of(), found);
        assertTrue(count > 300, "only " + count + " files were read");
    }

    /** The modules of the reactor that have code. */
    private static List<String> modules() throws IOException {
        List<String> modules = MODULE.matcher(Files.readString(ROOT.resolve("pom.xml")))
                .results()
                .map(module -> module.group(1))
                .filter(module -> Files.isDirectory(ROOT.resolve(module).resolve("src/main/java")))
                .toList();
        assertTrue(modules.containsAll(List.of("store", "store/typed", "server", "tools")), () -> "only " + modules);
        return modules;
    }

    /** The Markdown files that people read. */
    private static List<Path> documents() throws IOException {
        return files(ROOT).stream()
                .filter(file -> file.toString().endsWith(".md"))
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (Files.isDirectory(entry)
                        && !GENERATED.contains(entry.getFileName().toString())) {
                    files.addAll(files(entry));
                } else if (Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        }
        return files;
    }

    private static boolean isMain(Path file) {
        return file.toString().contains("/src/main/");
    }

    /** What a file says; nothing if it is not text. */
    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            return "";
        }
    }

    private static String prose(Path page) throws IOException {
        return FENCE.matcher(Files.readString(page)).replaceAll("");
    }

    /** The names that GitHub gives to a page's headings. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>();
        for (MatchResult heading : HEADING.matcher(prose(page)).results().toList()) {
            anchors.add(heading.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-'));
        }
        return anchors;
    }
}
