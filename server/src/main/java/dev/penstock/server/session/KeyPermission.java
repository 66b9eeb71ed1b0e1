package dev.penstock.server.session;

import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A request whose keys are compared with the patterns of its user before it is executed. */
final class KeyPermission implements Suspended {

    private final Turn turn;
    private final KeyCheck check;
    private final Supplier<CommandError> denial;
    private final UnaryOperator<CommandError> refused;
    private final Runnable execution;

    /**
     * @param denial makes what the client is told if a key is not its user's
     * @param refused notes what the request is refused with, whether that comes in the first turn or in a later one;
     *     returns what to throw
     */
    KeyPermission(
            Turn turn,
            KeyCheck check,
            Supplier<CommandError> denial,
            UnaryOperator<CommandError> refused,
            Runnable execution) {
        this.turn = turn;
        this.check = check;
        this.denial = denial;
        this.refused = refused;
        this.execution = execution;
    }

    @Override
    public boolean goOn() {
        try {
            if (!check.goOn(turn)) {
                return false;
            }
            if (!check.isPermitted()) {
                throw denial.get();
            }
        } catch (CommandError refusal) {
            throw refused.apply(refusal);
        }
        execution.run();
        return true;
    }
}
