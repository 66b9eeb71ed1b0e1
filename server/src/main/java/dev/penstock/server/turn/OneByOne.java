package dev.penstock.server.turn;

import dev.penstock.server.resp.Reply;
import java.util.function.IntConsumer;

/** An action for consecutive numbers, some of them per turn. */
public final class OneByOne implements Suspended {

    private final Turn turn;
    private final Reply reply;
    private final int end;
    private final IntConsumer step;
    private final Runnable last;
    private int next;

    /**
     * @param step is given the numbers from the first to the end, that one not included. What it writes to the reply is
     *     spent of the turn, what else it does is for it to spend
     * @param last run when that is done
     */
    public OneByOne(Turn turn, Reply reply, int first, int end, IntConsumer step, Runnable last) {
        this.turn = turn;
        this.reply = reply;
        this.next = first;
        this.end = end;
        this.step = step;
        this.last = last;
    }

    @Override
    public boolean goOn() {
        for (; next < end; next++) {
            if (turn.isOver()) {
                return false;
            }
            turn.spend(1);
            step.accept(next);
            turn.spend(reply);
        }
        last.run();
        return true;
    }
}
