package dev.penstock.server.config;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A setting of the server: all that there is to know of it. The command line, the configuration file, {@code CONFIG}
 * and the documents say what is here. The rows are in {@link SettingTable}. Immutable.
 */
public final class Setting {

    /** What values look like. */
    public enum Kind {
        NUMBER,
        /** A number of bytes, which may have a unit. */
        BYTES,
        /** One of a few words. */
        WORD,
        /** Yes or no. */
        FLAG,
        /** Whatever it says. */
        TEXT,
        /** The name of a file. */
        PATH
    }

    /** A value that will not do, in the words of Redis. A client can cause it, so it has no stack trace. */
    public static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String reason;

        Refusal(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        /** What would do. */
        public String reason() {
            return reason;
        }
    }

    private static final Pattern NUMBER = Pattern.compile("0|-?[1-9]\\d{0,18}");
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,19})([kmg]?b?)", Pattern.CASE_INSENSITIVE);
    private static final List<String> YES = List.of("true", "yes");
    private static final List<String> NO = List.of("false", "no");

    private final String name;
    private final Kind kind;
    private long least;
    private long most = Long.MAX_VALUE;
    private List<String> words = List.of();
    private String value = "";
    private String defaultWords = "none";
    private boolean live;
    private boolean atStart = true;
    private boolean ofServer = true;
    private String label = "";
    private String help = "";

    private Setting(String name, Kind kind) {
        this.name = name;
        this.kind = kind;
    }

    static Setting number(String name, long least, long most) {
        return ranged(name, Kind.NUMBER, least, most);
    }

    static Setting bytes(String name, long least, long most) {
        return ranged(name, Kind.BYTES, least, most);
    }

    private static Setting ranged(String name, Kind kind, long least, long most) {
        Setting setting = new Setting(name, kind);
        setting.least = least;
        setting.most = most;
        return setting;
    }

    static Setting word(String name, List<String> words) {
        Setting setting = new Setting(name, Kind.WORD);
        setting.words = words;
        return setting;
    }

    static Setting flag(String name) {
        return new Setting(name, Kind.FLAG).unlessGiven("no");
    }

    static Setting text(String name) {
        return new Setting(name, Kind.TEXT);
    }

    static Setting path(String name) {
        return new Setting(name, Kind.PATH);
    }

    /** What counts unless something else is given. */
    Setting unlessGiven(String text) {
        value = text;
        defaultWords = text;
        return this;
    }

    /** What documents say of the default, where its value does not say it. */
    Setting defaultIs(String description) {
        defaultWords = description;
        return this;
    }

    /** {@code CONFIG SET} changes it while the server runs. */
    Setting live() {
        live = true;
        return this;
    }

    /** {@code CONFIG} alone has it; there is no reason to start with another value. */
    Setting onlyLive() {
        atStart = false;
        return live();
    }

    /** The program around the server puts it into force, and the server does not take it. */
    Setting ofProgram() {
        ofServer = false;
        return this;
    }

    /** @param placeholder what stands for the value in documents; empty for a flag */
    Setting help(String placeholder, String text) {
        label = placeholder;
        help = text;
        return this;
    }

    public String name() {
        return name;
    }

    public Kind kind() {
        return kind;
    }

    /** The words that there are, of a {@link Kind#WORD}. */
    public List<String> words() {
        return words;
    }

    /** What stands for the value in documents; empty for a flag. */
    public String label() {
        return label;
    }

    /** What it does, in a phrase. */
    public String help() {
        return help;
    }

    /** The default as a text of the configuration file; empty if there is none. */
    public String value() {
        return value;
    }

    /** The default as documents tell it. */
    public String defaultWords() {
        return defaultWords;
    }

    /** Whether {@code CONFIG SET} changes it. */
    public boolean isLive() {
        return live;
    }

    /** Whether the command line and the configuration file have it. */
    public boolean isAtStart() {
        return atStart;
    }

    /** Whether the server puts it into force; else the program that starts it does. */
    public boolean isOfServer() {
        return ofServer;
    }

    /** The values that it takes, as in "from 1 to 7". */
    public String range() {
        return switch (kind) {
            case NUMBER, BYTES ->
                (most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most)
                        + (kind == Kind.BYTES ? " bytes, as in 512mb" : "");
            case WORD -> String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
            case FLAG -> "yes or no";
            case TEXT -> "a text";
            case PATH -> "a path";
        };
    }

    /**
     * The value that a text of the command line or the configuration file stands for, in the form in which {@code
     * CONFIG GET} gives it.
     *
     * @throws IllegalArgumentException with the name and what it takes if the text will not do
     */
    public String parse(String text) {
        try {
            return switch (kind) {
                case NUMBER, BYTES -> Long.toString(number(text));
                case WORD -> word(text);
                case FLAG -> isYes(text) ? "yes" : "no";
                case TEXT, PATH -> text;
            };
        } catch (Refusal e) {
            throw refused(text);
        }
    }

    /** Throws unless the number is one that the setting takes. */
    public long checked(long number) {
        if (number < least || number > most) {
            throw refused(Long.toString(number));
        }
        return number;
    }

    private IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(name + " must be " + range() + ", not " + text);
    }

    /**
     * The number that a text stands for, which may have a unit if it is bytes: of 1000 are k, m and g, of 1024 kb, mb
     * and gb.
     */
    public long number(String text) {
        BigInteger number = kind == Kind.BYTES ? amount(text) : plainNumber(text);
        if (number.compareTo(BigInteger.valueOf(least)) < 0 || number.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new Refusal("argument must be between " + least + " and " + most + " inclusive");
        }
        return number.longValueExact();
    }

    private static BigInteger plainNumber(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new Refusal("argument couldn't be parsed into an integer");
        }
        BigInteger number = new BigInteger(text);
        if (number.bitLength() >= Long.SIZE) {
            throw new Refusal("argument couldn't be parsed into an integer");
        }
        return number;
    }

    private static BigInteger amount(String text) {
        Matcher amount = AMOUNT.matcher(text);
        if (!amount.matches()) {
            throw new Refusal("argument must be a memory value");
        }
        long unit = switch (amount.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            default -> 1L << 30;
        };
        return new BigInteger(amount.group(1)).multiply(BigInteger.valueOf(unit));
    }

    /** The word that a text is in any case, as Redis compares them. */
    public String word(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (!words.contains(word)) {
            throw new Refusal("argument(s) must be one of the following: " + String.join(", ", words));
        }
        return word;
    }

    private static boolean isYes(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (!YES.contains(word) && !NO.contains(word)) {
            throw new Refusal("argument must be 'yes' or 'no'");
        }
        return YES.contains(word);
    }

    @Override
    public String toString() {
        return name;
    }
}
