package dev.penstock.server.config;

import dev.penstock.server.TransferMode;
import dev.penstock.server.transfer.TransferSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The values of a running server's settings: those that only a restart changes, and those that change while it runs.
 * Each of the latter is a single number, which any thread may read and change.
 */
public final class Settings {

    /** Reads a live value, and applies a new one once it is checked. */
    private record Live(Supplier<String> value, Consumer<String> change) {}

    private final int port;
    private final Map<String, String> fixed;
    private final Map<Setting, Live> live = new HashMap<>();
    private final TransferSettings transfers = new TransferSettings();
    private volatile int maxClients;
    private volatile long idleTimeoutSeconds;
    private volatile long longestBulk;
    private volatile long slowLogMicros;
    private volatile long slowLogLength;

    /**
     * Begins with the defaults.
     *
     * @param fixed names and values of the settings that only a restart can change, for CONFIG GET
     */
    public Settings(int port, Map<String, String> fixed) {
        this.port = port;
        this.fixed = new TreeMap<>(fixed);
        bind(SettingTable.MAX_CLIENTS, this::maxClients, n -> maxClients((int) Math.min(n, Integer.MAX_VALUE)));
        bind(SettingTable.TIMEOUT, this::idleTimeoutSeconds, n -> idleTimeoutSeconds = n);
        bind(SettingTable.LONGEST_BULK, this::longestBulk, n -> longestBulk = n);
        bind(SettingTable.SLOW_LOG_MICROS, this::slowLogMicros, n -> slowLogMicros = n);
        bind(SettingTable.SLOW_LOG_LENGTH, this::slowLogLength, n -> slowLogLength = n);
        bind(SettingTable.DIRECT_THRESHOLD, transfers::directThreshold, transfers::directThreshold);
        bind(SettingTable.TRANSFER_THRESHOLD, transfers::transferThreshold, n -> transfers.transferThreshold((int) n));
        live.put(
                SettingTable.TRANSFER_MODE,
                new Live(() -> transfers.mode().label(), word -> transfers.mode(TransferMode.named(word))));
        set(Setting::value);
    }

    /** Binds a setting to a reader and a writer outside this class; before the server runs. */
    public void bind(Setting setting, LongSupplier value, LongConsumer change) {
        live.put(
                setting, new Live(() -> Long.toString(value.getAsLong()), text -> change.accept(Long.parseLong(text))));
    }

    /** Sets the initial values of the settings that change while the server runs. */
    public void set(Function<Setting, String> values) {
        live.forEach((setting, now) -> now.change().accept(values.apply(setting)));
    }

    /**
     * Checks a value for a setting that changes while the server runs.
     *
     * @return applies the value when it is run
     * @throws Setting.Refusal if the value is invalid
     */
    public Runnable change(Setting setting, String text) {
        String value = setting.kind() == Setting.Kind.WORD ? setting.word(text) : Long.toString(setting.number(text));
        Live changed = Objects.requireNonNull(live.get(setting), setting.name());
        return () -> changed.change().accept(value);
    }

    /** The values of all settings, by name. */
    public Map<String, String> values() {
        Map<String, String> values = new TreeMap<>(fixed);
        live.forEach((setting, now) -> values.put(setting.name(), now.value().get()));
        return values;
    }

    public int port() {
        return port;
    }

    public int maxClients() {
        return maxClients;
    }

    public void maxClients(int count) {
        maxClients = count;
    }

    public TransferSettings transfers() {
        return transfers;
    }

    /** 0 if clients may be idle for ever. */
    public long idleTimeoutSeconds() {
        return idleTimeoutSeconds;
    }

    /** The longest value that clients may send or create, in bytes. */
    public long longestBulk() {
        return longestBulk;
    }

    /** Duration in microseconds from which on a command goes to the slow log; negative if none does. */
    public long slowLogMicros() {
        return slowLogMicros;
    }

    /** Maximum number of commands in the slow log. */
    public long slowLogLength() {
        return slowLogLength;
    }
}
