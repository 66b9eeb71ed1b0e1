package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A stack trace or a profile shows whose thread it is: each has the name of the program. */
class ThreadNamesTest {

    /** A thread is made by its constructor or by a builder; the statement that makes it has its name. */
    private static final Pattern NEW_THREAD =
            Pattern.compile("(new Thread\\(|Thread\\.of(Platform|Virtual)\\(\\))[^;]*");

    /** The name itself, or a parameter or field that the caller gives it by. */
    private static final Pattern ITS_NAME = Pattern.compile("\"penstock-|\\bname\\b(?!\\()");

    private static final Pattern CONSTANT = Pattern.compile("\\bname\\(([A-Z_]+)\\)");

    @Test
    void everyThreadIsNamedAfterTheProgram() throws IOException {
        List<String> nameless = new ArrayList<>();
        int count = 0;
        for (Path file : sources("store", "store/typed", "server", "server/cluster", "tools")) {
            String source = Files.readString(file);
            for (MatchResult thread : NEW_THREAD.matcher(source).results().toList()) {
                count++;
                if (!isNamed(thread.group(), source)) {
                    nameless.add(file.getFileName() + ": " + thread.group());
                }
            }
        }
        assertTrue(count > 8, "only " + count + " threads were found");
        assertEquals(List.of(), nameless);
    }

    /** The name itself, or a constant of the same file. */
    private static boolean isNamed(String thread, String source) {
        Matcher constant = CONSTANT.matcher(thread);
        return ITS_NAME.matcher(thread).find()
                || constant.find() && source.contains("String " + constant.group(1) + " = \"penstock-");
    }

    private static List<Path> sources(String... modules) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : modules) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }
}
