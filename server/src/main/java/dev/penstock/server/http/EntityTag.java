package dev.penstock.server.http;

import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.ValueFrame;
import java.util.HexFormat;

/**
 * Strong validators (RFC 9110, 8.8.3): the version and the CRC32C of a value. A version alone may repeat, after a power
 * cut that lost the last writes or in a store that was restored from a backup.
 */
final class EntityTag {

    /** Length of a tag's text, with its quotes. */
    static final int LENGTH = 27;

    private static final HexFormat HEXADECIMAL = HexFormat.of();
    private static final String WEAK = "W/";

    private EntityTag() {}

    /** The tag of the value that a view shows. Reads none of the value's bytes. */
    static String of(ValueView view) {
        return of(view.version(), ValueFrame.checksumOf(view));
    }

    static String of(long version, int checksum) {
        return '"' + HEXADECIMAL.toHexDigits(version) + '-' + HEXADECIMAL.toHexDigits(checksum) + '"';
    }

    /**
     * Returns whether a list of tags has one.
     *
     * @param list the value of {@code If-Match} or {@code If-None-Match}; an asterisk is no tag
     * @param weakly whether a weak tag counts as well, as in {@code If-None-Match}
     * @throws Problem if it is no list of tags
     */
    static boolean isIn(String list, String tag, boolean weakly) {
        boolean found = false;
        for (int at = skipSeparators(list, 0); at < list.length(); at = skipSeparators(list, at)) {
            boolean weak = list.startsWith(WEAK, at);
            int start = weak ? at + WEAK.length() : at;
            int end = start < list.length() && list.charAt(start) == '"' ? list.indexOf('"', start + 1) : -1;
            if (end < 0) {
                throw new Problem(Status.BAD_REQUEST, "an entity tag stands in double quotes");
            }
            found |= (weakly || !weak)
                    && list.regionMatches(start, tag, 0, end + 1 - start)
                    && end + 1 - start == tag.length();
            at = end + 1;
            if (at < list.length() && list.charAt(at) != ',' && list.charAt(at) != ' ' && list.charAt(at) != '\t') {
                throw new Problem(Status.BAD_REQUEST, "entity tags are separated by commas");
            }
        }
        return found;
    }

    private static int skipSeparators(String list, int from) {
        int at = from;
        while (at < list.length() && (list.charAt(at) == ',' || list.charAt(at) == ' ' || list.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }
}
