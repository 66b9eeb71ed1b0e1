package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.tools.load.CsvReader;
import dev.penstock.tools.load.EntrySource;
import dev.penstock.tools.load.JsonLines;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Omissions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the entries of a file look like. */
public enum EntryFormat {
    JSONL("\\.(jsonl|ndjson|json)\\z", "\\A(?:\u00ef\u00bb\u00bf)?\\s*\\{") {
        @Override
        public EntrySource reader(InputStream in, LoadTarget target, long database, Omissions omissions) {
            return new JsonLines(in, target);
        }

        @Override
        public EntryWriter writer(OutputStream out, long count, long expiringCount) {
            return new JsonWriter(out);
        }
    },

    CSV("\\.csv\\z", "\\A(?:\u00ef\u00bb\u00bf)?\"?(?:key|value|expires)") {
        @Override
        public EntrySource reader(InputStream in, LoadTarget target, long database, Omissions omissions) {
            return new CsvReader(in, target);
        }

        @Override
        public EntryWriter writer(OutputStream out, long count, long expiringCount) throws IOException {
            return new CsvWriter(out);
        }
    },

    RDB("\\.rdb\\z", "\\AREDIS") {
        @Override
        public EntrySource reader(InputStream in, LoadTarget target, long database, Omissions omissions) {
            return new RdbReader(in, target, database, omissions);
        }

        @Override
        public EntryWriter writer(OutputStream out, long count, long expiringCount) throws IOException {
            return new RdbWriter(out, count, expiringCount);
        }
    };

    private final Pattern ending;
    private final Pattern beginning;

    /**
     * @param ending of the names of its files
     * @param beginning of their content
     */
    EntryFormat(String ending, String beginning) {
        this.ending = Pattern.compile(ending);
        this.beginning = Pattern.compile(beginning);
    }

    /** The format that the name of a file stands for, compressed or not; null if it stands for none. */
    public static @Nullable EntryFormat ofName(String name) {
        String plain = Compression.ofName(name).stripped(name);
        return Arrays.stream(values())
                .filter(format -> format.ending.matcher(plain).find())
                .findFirst()
                .orElse(null);
    }

    /** The format that data which begin so look like; null if they look like none. */
    public static @Nullable EntryFormat ofContent(byte[] beginning) {
        String text = new String(beginning, ISO_8859_1);
        return Arrays.stream(values())
                .filter(format -> format.beginning.matcher(text).find())
                .findFirst()
                .orElse(null);
    }

    /**
     * Reads entries.
     *
     * @param target what the values are for
     * @param database the number of the database, in a format that has several
     * @param omissions takes what a store has nothing like
     */
    public abstract EntrySource reader(InputStream in, LoadTarget target, long database, Omissions omissions);

    /**
     * Writes entries, and at once what comes before the first.
     *
     * @param count number of entries that will follow, more or less
     * @param expiringCount number of those that expire, more or less
     */
    public abstract EntryWriter writer(OutputStream out, long count, long expiringCount) throws IOException;
}
