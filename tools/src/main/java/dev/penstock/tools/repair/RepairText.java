package dev.penstock.tools.repair;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.repair.Loss;
import dev.penstock.store.repair.RepairReport;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Prints a repair for people: the first losses and doubtful keys, and how many more there are. */
public final class RepairText implements RepairOutput {

    /** So many losses, and so many keys, are printed one by one. */
    private static final int MOST_LINES = 100;

    private static final int MOST_KEY_LENGTH = 200;

    private final Console console;
    private final ProgressListener progress;
    private long losses;
    private long doubts;

    public RepairText(Console console, ProgressListener progress) {
        this.console = console;
        this.progress = progress;
    }

    @Override
    public void progress(long doneBytes, long totalBytes) {
        progress.progress(doneBytes, totalBytes);
    }

    @Override
    public void lost(Loss loss) {
        if (++losses <= MOST_LINES) {
            line("%s: %s at offset %d%s: %s%s [%s]"
                    .formatted(
                            loss.code().severity().name().toLowerCase(Locale.ROOT),
                            loss.file(),
                            loss.offset(),
                            loss.length() == 0 ? "" : ", " + Size.count(loss.length(), "byte", "bytes"),
                            loss.problem(),
                            loss.key() == null ? "" : "; key " + shown(loss.key()),
                            loss.code()));
        }
    }

    @Override
    public void doubtful(byte[] key, String file, long offset) {
        if (++doubts <= MOST_LINES) {
            line("in doubt: %s (%s at offset %d)".formatted(shown(key), file, offset));
        }
    }

    private static String shown(byte[] key) {
        String escaped = KeyText.escape(key);
        return escaped.length() <= MOST_KEY_LENGTH ? escaped : escaped.substring(0, MOST_KEY_LENGTH) + "...";
    }

    @Override
    public void summary(RepairReport report) throws IOException {
        more(losses, "loss", "losses");
        more(doubts, "key in doubt", "keys in doubt");
        field("salvaged", Size.count(report.salvagedKeys(), "key", "keys") + ", " + Size.of(report.salvagedBytes()));
        field("lost values", report.lostValues());
        field("unreadable", report.unreadableKeys() < 0 ? "not known: no sound checkpoint" : report.unreadableKeys());
        field("in doubt", report.doubtfulKeys());
        field("outdated", report.outdatedKeys());
        field("expired", report.expiredKeys());
        field("from files", report.recoveredValueFiles());
        console.line(
                report.isComplete()
                        ? "complete: nothing that was current is missing"
                        : "INCOMPLETE: %s"
                                .formatted(Size.count(report.lossCount(), "loss is", "losses are") + " listed above"));
    }

    private void more(long count, String one, String many) throws IOException {
        if (count > MOST_LINES) {
            console.line("... and %s more; --json lists all".formatted(Size.count(count - MOST_LINES, one, many)));
        }
    }

    private void field(String name, Object value) throws IOException {
        console.line("%-12s %s".formatted(name, value));
    }

    private void line(String text) {
        try {
            console.line(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
