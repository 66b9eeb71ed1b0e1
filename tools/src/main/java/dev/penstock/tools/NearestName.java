package dev.penstock.tools;

import java.util.Collection;
import java.util.Comparator;

/** What somebody may have meant who typed a name that there is not. */
final class NearestName {

    private static final int FAR = 3; // what differs by so many letters is another word

    private NearestName() {}

    /** "; did you mean 'name'?" for the name that is nearest, or nothing if none is near. */
    static String suggestion(String typed, Collection<String> names) {
        return names.stream()
                .filter(name -> distance(typed, name) < FAR)
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    /** How many letters have to be added, dropped or replaced. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
