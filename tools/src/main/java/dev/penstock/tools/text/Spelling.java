package dev.penstock.tools.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Finds the word that a user meant: one that other programs use for it, or the closest by insertions, deletions,
 * substitutions and transpositions of neighbours (optimal string alignment). One change for every three letters at
 * most.
 */
public final class Spelling {

    /** What commands and options are called elsewhere. */
    private static final Map<String, List<String>> ELSEWHERE = Map.ofEntries(
            Map.entry("set", List.of("put")),
            Map.entry("delete", List.of("del")),
            Map.entry("remove", List.of("del")),
            Map.entry("rm", List.of("del")),
            Map.entry("keys", List.of("scan")),
            Map.entry("list", List.of("scan")),
            Map.entry("ls", List.of("scan")),
            Map.entry("export", List.of("scan")),
            Map.entry("dump", List.of("scan")),
            Map.entry("import", List.of("load")),
            Map.entry("check", List.of("verify")),
            Map.entry("server", List.of("serve")),
            Map.entry("start", List.of("serve")),
            Map.entry("stats", List.of("inspect", "top")),
            Map.entry("stat", List.of("inspect", "top")),
            Map.entry("info", List.of("inspect", "top")),
            Map.entry("--ttl", List.of("--expires-in")),
            Map.entry("--ex", List.of("--expires-in")),
            Map.entry("--expire", List.of("--expires-in")),
            Map.entry("--expiry", List.of("--expires-in")));

    /** Any short option is one change away from any other. */
    private static final int MAX_SHORT_OPTION_LENGTH = 2;

    private Spelling() {}

    /** "; did you mean 'name'?" for what was probably meant among the candidates, or nothing. */
    public static String suggestion(String word, Collection<String> candidates) {
        List<String> meant = meant(word, candidates);
        return meant.isEmpty() ? "" : "; did you mean '" + String.join("' or '", meant) + "'?";
    }

    private static List<String> meant(String word, Collection<String> candidates) {
        List<String> elsewhere = ELSEWHERE.get(word);
        if (elsewhere != null && candidates.containsAll(elsewhere)) {
            return elsewhere;
        }
        return candidates.stream()
                .filter(candidate -> candidate.length() > MAX_SHORT_OPTION_LENGTH)
                .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .stream()
                .toList();
    }

    private static int distance(String a, String b) {
        int[][] changes = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    changes[i][j] = i + j;
                    continue;
                }
                int different = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int fewest = Math.min(changes[i - 1][j] + 1, changes[i][j - 1] + 1);
                fewest = Math.min(fewest, changes[i - 1][j - 1] + different);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    fewest = Math.min(fewest, changes[i - 2][j - 2] + 1);
                }
                changes[i][j] = fewest;
            }
        }
        return changes[a.length()][b.length()];
    }
}
