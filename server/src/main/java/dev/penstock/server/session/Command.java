package dev.penstock.server.session;

import dev.penstock.server.acl.RestrictedCommand;
import dev.penstock.server.metrics.CommandMetrics;
import dev.penstock.server.resp.Request;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the command table: a name, the properties that COMMAND returns, and its handler. Immutable once
 * registered, except for a container's subcommands and counters.
 */
public final class Command implements RestrictedCommand {

    /** What clients and proxies route by; the names are Redis's. */
    public enum Flag {
        WRITE,
        READONLY,
        DENYOOM,
        ADMIN,
        NOSCRIPT,
        LOADING,
        STALE,
        FAST,
        NO_AUTH,
        NO_MULTI,
        NO_ASYNC_LOADING,
        ALLOW_BUSY,
        SKIP_SLOWLOG;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Groups of Redis's documentation. */
    public enum Group {
        CONNECTION("connection"),
        GENERIC("keyspace"),
        STRING("string"),
        SERVER(null),
        CLUSTER(null),
        SCRIPTING("scripting"),
        TRANSACTIONS("transaction");

        private final @Nullable String category;

        Group(@Nullable String category) {
            this.category = category;
        }

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a request may bring to a command that does not say otherwise. */
    static final int FEW_ARGUMENTS = 1024;

    static final int FEW_BYTES = 1 << 20;

    private final String name;
    private final byte[] nameBytes;
    private String fullName;
    private int arity;
    private Set<Flag> flags = EnumSet.noneOf(Flag.class);
    private int firstKey;
    private int lastKey;
    private int keyStep;
    private int streamedArgument = -1;
    private boolean immediate;
    private boolean waits;
    private boolean outsideTransactions;
    private int steps;
    private int mostArguments = FEW_ARGUMENTS;
    private long mostBytes = FEW_BYTES;
    private Group group = Group.GENERIC;
    private String since = "";
    private String complexity = "";
    private String summary = "";
    private List<String> moreCategories = List.of();
    private @Nullable Handler handler;
    private @Nullable CommandTable subcommands;
    private final CommandMetrics metrics = new CommandMetrics();

    private Command(String name) {
        this.name = name;
        this.fullName = name;
        this.nameBytes = name.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Begins an entry; the name is lower-case. */
    public static Command named(String name) {
        return new Command(name);
    }

    /** Number of arguments, the name included; negative: at least so many. */
    public Command arity(int count) {
        arity = count;
        return this;
    }

    public Command flags(Flag first, Flag... rest) {
        flags = EnumSet.of(first, rest);
        return this;
    }

    public Command keys(int first, int last, int step) {
        firstKey = first;
        lastKey = last;
        keyStep = step;
        return this;
    }

    /** The argument that may be streamed into the store when it is large; the key is argument 1. */
    public Command streams(int argument) {
        streamedArgument = argument;
        return this;
    }

    /** Executed even within a transaction, where others are queued. */
    public Command immediate() {
        immediate = true;
        return this;
    }

    /**
     * Refused within a transaction, although Redis's flag {@code no_multi} does not say so: it would change how many
     * replies the array of EXEC holds.
     */
    public Command outsideTransactions() {
        outsideTransactions = true;
        return this;
    }

    /**
     * What it costs beside its arguments and its reply, in the steps of a {@link Turn}; for those that go through more
     * than these. What depends on the request or on the server's state is spent by the handler.
     */
    public Command costs(int count) {
        steps = count;
        return this;
    }

    /** May wait for long before it replies. It takes the memory of its reply itself, and no more than that. */
    public Command waits() {
        waits = true;
        return this;
    }

    /** May be given a long value; what is done with it is a copy at most. */
    public Command longValue() {
        mostBytes = Long.MAX_VALUE;
        return this;
    }

    /** May be given any number of keys or values: it goes through them a part at a time, see {@link Suspended}. */
    public Command manyArguments() {
        mostArguments = Integer.MAX_VALUE;
        return longValue();
    }

    public Command docs(Group commandGroup, String sinceVersion, String cost, String text) {
        group = commandGroup;
        since = sinceVersion;
        complexity = cost;
        summary = text;
        return this;
    }

    /** Categories of Redis's access lists that do not follow from the group and the flags. */
    public Command alsoIn(String... categories) {
        moreCategories = List.of(categories);
        return this;
    }

    public Command runs(Handler code) {
        handler = code;
        return this;
    }

    /** Makes this a container: what it does is named by its first argument. */
    public Command contains(Command... commands) {
        subcommands = new CommandTable();
        for (Command command : commands) {
            command.fullName = name + "|" + command.name;
            subcommands.add(command);
        }
        return this;
    }

    /** Whether the request brings no more than the command can go through at once. */
    boolean copesWith(Request request) {
        return request.count() <= mostArguments && (mostBytes == Long.MAX_VALUE || request.extent() <= mostBytes);
    }

    public boolean accepts(int argumentCount) {
        return arity >= 0 ? argumentCount == arity : argumentCount >= -arity;
    }

    public String name() {
        return name;
    }

    @Override
    public String fullName() {
        return fullName;
    }

    byte[] nameBytes() {
        return nameBytes;
    }

    public int arity() {
        return arity;
    }

    public Set<Flag> flags() {
        return flags;
    }

    @Override
    public int firstKey() {
        return firstKey;
    }

    public int lastKey() {
        return lastKey;
    }

    @Override
    public int lastKey(int argumentCount) {
        return Math.min(lastKey < 0 ? argumentCount + lastKey : lastKey, argumentCount - 1);
    }

    @Override
    public int keyStep() {
        return keyStep;
    }

    int streamedArgument() {
        return streamedArgument;
    }

    boolean isExec() {
        return name.equals("exec");
    }

    /** Whether it removes every key. */
    boolean clearsAll() {
        return name.equals("flushall") || name.equals("flushdb");
    }

    boolean isImmediate() {
        return immediate;
    }

    /** Whether it takes the memory of its reply itself; see {@link #waits}. */
    boolean mayWait() {
        return waits;
    }

    int steps() {
        return steps;
    }

    boolean isReadOnly() {
        return flags.contains(Flag.READONLY);
    }

    boolean isWrite() {
        return flags.contains(Flag.WRITE);
    }

    boolean mayBeQueued() {
        return !outsideTransactions && !flags.contains(Flag.NO_MULTI);
    }

    public Group group() {
        return group;
    }

    public String since() {
        return since;
    }

    public String complexity() {
        return complexity;
    }

    public String summary() {
        return summary;
    }

    @Override
    public Set<String> categories() {
        Set<String> categories = new TreeSet<>(moreCategories);
        categories.add(flags.contains(Flag.FAST) ? "fast" : "slow");
        if (flags.contains(Flag.READONLY)) {
            categories.add("read");
        }
        if (flags.contains(Flag.WRITE)) {
            categories.add("write");
        }
        if (flags.contains(Flag.ADMIN)) {
            categories.addAll(List.of("admin", "dangerous"));
        }
        if (group.category != null && subcommands == null) {
            categories.add(group.category);
        }
        return categories;
    }

    @Nullable
    Handler handler() {
        return handler;
    }

    public CommandMetrics metrics() {
        return metrics;
    }

    /** Null unless this is a container. */
    public @Nullable CommandTable subcommands() {
        return subcommands;
    }
}
