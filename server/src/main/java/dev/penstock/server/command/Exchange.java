package dev.penstock.server.command;

import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A change to a key whose reply is the previous value. That value is verified first, by another thread if it is long,
 * so that no value is removed that cannot be returned. Repeated whenever another writer interferes.
 */
final class Exchange implements Suspended {

    private final Turn turn;
    private final Supplier<KeyspaceValue> read;
    private final Predicate<KeyspaceValue> change;
    private @Nullable KeyspaceValue old;
    private @Nullable Job verification;

    private Exchange(Turn turn, Supplier<KeyspaceValue> read, Predicate<KeyspaceValue> change) {
        this.turn = turn;
        this.read = read;
        this.change = change;
    }

    /**
     * @param read returns the value, null if the key is absent
     * @param change is given that, and takes it over; false if another writer interfered
     */
    static void run(Session session, LoopContext loop, Supplier<KeyspaceValue> read, Predicate<KeyspaceValue> change) {
        session.run(new Exchange(loop.turn(), read, change));
    }

    @Override
    public boolean goOn() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (!isVerified()) {
                return false;
            }
            if (change.test(old)) {
                old = null;
                return true;
            }
            close();
        }
        return false;
    }

    private boolean isVerified() {
        if (verification != null) {
            Job done = verification;
            verification = null;
            return done.result();
        }
        KeyspaceValue value = read.get();
        old = value;
        if (value != null && value.isLongToVerify()) {
            verification = new Job(() -> {
                value.verify();
                return true;
            });
            return false;
        }
        if (value != null) {
            turn.spendVerification(value.unverifiedLength());
            value.verify();
        }
        return true;
    }

    @Override
    public @Nullable Runnable elsewhere() {
        return verification;
    }

    @Override
    public void close() {
        if (old != null) {
            old.close();
            old = null;
        }
    }
}
