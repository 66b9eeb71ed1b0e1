package dev.penstock.server.http;

import dev.penstock.server.session.LoopContext;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Key;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.StoreTransfer;

/** DELETE of a key. One for each event loop, whose thread it belongs to. */
final class DeleteHandler {

    private static final int ATTEMPTS = 16;

    private final LoopContext loop;
    private final Responses responses;

    DeleteHandler(LoopContext loop, Responses responses) {
        this.loop = loop;
        this.responses = responses;
    }

    void handle(HttpExchange exchange) {
        loop.turn().spend(Turn.KEY_STEPS);
        exchange.session().reply().ensureRoom(); // what is removed is told
        Key key = Key.of(exchange.key());
        Preconditions preconditions = Preconditions.of(exchange.head());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (ValueView view = new ValueView()) {
                if (!StoreTransfer.of(loop.store()).locate(key, view)) {
                    throw Problem.noValue(); // whatever the conditions are (RFC 9110, 13.2.1)
                }
                var options = preconditions.check(view);
                boolean removed = preconditions.compareTags()
                        ? loop.store().remove(key, options)
                        : loop.store().remove(key);
                if (removed) {
                    responses.removed(exchange);
                    return;
                }
            }
        }
        throw Preconditions.failed();
    }
}
