package dev.penstock.tools.parser;

import dev.penstock.tools.exchange.Compression;
import dev.penstock.tools.exchange.EntryFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Words of a command line that name one of several things, in lower case. */
public final class LowerCaseNames {

    private LowerCaseNames() {}

    private static <E extends Enum<E>> E find(Class<E> type, String word) {
        List<String> names = new ArrayList<>();
        for (E candidate : type.getEnumConstants()) {
            String name = candidate.name().toLowerCase(Locale.ROOT);
            if (name.equals(word)) {
                return candidate;
            }
            names.add(name);
        }
        throw new TypeConversionException("'" + word + "' is none of " + String.join(", ", names));
    }

    private static <E extends Enum<E>> List<String> names(Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Takes jsonl, csv and rdb. */
    public static final class Format implements ITypeConverter<EntryFormat> {
        @Override
        public EntryFormat convert(String word) {
            return find(EntryFormat.class, word);
        }
    }

    /** Completes jsonl, csv and rdb. */
    public static final class Formats extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Formats() {
            super(names(EntryFormat.class));
        }
    }

    /** Takes none, gzip and zstd. */
    public static final class Packing implements ITypeConverter<Compression> {
        @Override
        public Compression convert(String word) {
            return find(Compression.class, word);
        }
    }

    /** Completes none, gzip and zstd. */
    public static final class Packings extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Packings() {
            super(names(Compression.class));
        }
    }
}
