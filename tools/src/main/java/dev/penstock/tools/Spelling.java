package dev.penstock.tools;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the word that a user meant: one that other programs use for it, or the closest by insertions, deletions,
 * substitutions and transpositions of neighbours (optimal string alignment). One change for every three letters at most.
 */
final class Spelling {

    /** What the commands are called elsewhere. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("set", "put"),
            Map.entry("delete", "del"),
            Map.entry("remove", "del"),
            Map.entry("rm", "del"),
            Map.entry("keys", "scan"),
            Map.entry("list", "scan"),
            Map.entry("ls", "scan"),
            Map.entry("export", "scan"),
            Map.entry("dump", "scan"),
            Map.entry("import", "load"),
            Map.entry("check", "verify"),
            Map.entry("server", "serve"),
            Map.entry("start", "serve"));

    private Spelling() {}

    /** "; did you mean 'name'?" for the candidate that was probably meant, or nothing. */
    static String suggestion(String word, Collection<String> candidates) {
        return meant(word, candidates)
                .map(meant -> "; did you mean '" + meant + "'?")
                .orElse("");
    }

    private static Optional<String> meant(String word, Collection<String> candidates) {
        String elsewhere = ELSEWHERE.get(word);
        if (elsewhere != null && candidates.contains(elsewhere)) {
            return Optional.of(elsewhere);
        }
        return candidates.stream()
                .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
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
