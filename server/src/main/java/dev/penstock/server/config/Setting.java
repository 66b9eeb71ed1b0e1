package dev.penstock.server.config;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A setting of the server: its name, form, range, default and description. The command line, the configuration file,
 * {@code CONFIG} and the documents use it. {@link SettingTable} has all settings. Immutable.
 */
public final class Setting {

    /** Form of a setting's values. */
    public enum Kind {
        /** A whole number. */
        NUMBER,
        /** A number of bytes, with a unit if desired. */
        BYTES,
        /** One of a few words. */
        WORD,
        /** Yes or no. */
        FLAG,
        /** Any text. */
        TEXT,
        /** The name of a file. */
        PATH
    }

    /** An invalid value, in the words of Redis. A client can cause it, so it has no stack trace. */
    public static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /** What a valid value looks like. */
        private final String reason;

        Refusal(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        /** {@return what a valid value looks like} */
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

    /** Sets the default. */
    Setting unlessGiven(String text) {
        value = text;
        defaultWords = text;
        return this;
    }

    /** Describes the default in documents, if its value does not. */
    Setting defaultIs(String description) {
        defaultWords = description;
        return this;
    }

    /** Lets {@code CONFIG SET} change it while the server runs. */
    Setting live() {
        live = true;
        return this;
    }

    /** Leaves it to {@code CONFIG SET} alone: neither the command line nor the configuration file has it. */
    Setting onlyLive() {
        atStart = false;
        return live();
    }

    /** Leaves it to the program around the server. */
    Setting ofProgram() {
        ofServer = false;
        return this;
    }

    /** @param placeholder stands for the value in documents; empty for a flag */
    Setting help(String placeholder, String text) {
        label = placeholder;
        help = text;
        return this;
    }

    /** {@return the name, as in the configuration file} */
    public String name() {
        return name;
    }

    /** {@return the form of its values} */
    public Kind kind() {
        return kind;
    }

    /** {@return the possible values of a {@link Kind#WORD}; otherwise empty} */
    public List<String> words() {
        return words;
    }

    /** {@return the placeholder for the value in documents; empty for a flag} */
    public String label() {
        return label;
    }

    /** {@return what the setting does, as a phrase} */
    public String help() {
        return help;
    }

    /** {@return the default in the form of the configuration file; empty if there is none} */
    public String value() {
        return value;
    }

    /** {@return the default in words, as in the documents} */
    public String defaultWords() {
        return defaultWords;
    }

    /** {@return whether {@code CONFIG SET} changes it} */
    public boolean isLive() {
        return live;
    }

    /** {@return whether it can be set on the command line and in the configuration file} */
    public boolean isAtStart() {
        return atStart;
    }

    /** {@return whether the server applies it; otherwise the program that starts the server does} */
    public boolean isOfServer() {
        return ofServer;
    }

    /** {@return the possible values in words, as in "from 1 to 7"} */
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
     * Returns the value that a text of the command line or the configuration file stands for.
     *
     * @param text the text
     * @return the value in the form of {@code CONFIG GET}
     * @throws IllegalArgumentException if the text is not a valid value; the message has the name and the range
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

    /**
     * Checks a number.
     *
     * @param number the number
     * @return the same number
     * @throws IllegalArgumentException if the number is out of range; the message has the name and the range
     */
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
     * Returns the number that a text stands for. A number of bytes may have a unit: k, m and g are powers of 1000, kb,
     * mb and gb powers of 1024.
     *
     * @param text the text
     * @return the number
     * @throws Refusal if the text is not a valid value
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

    /**
     * Returns the word that a text stands for, in any case, as in Redis.
     *
     * @param text the text
     * @return the word in lower case
     * @throws Refusal if the text is not a valid value
     */
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
