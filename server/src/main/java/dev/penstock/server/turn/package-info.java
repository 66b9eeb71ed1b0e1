/**
 * Fair shares of an event loop. {@link dev.penstock.server.turn.Turn} counts, in steps of about 100 ns, what the
 * requests of one client cost before others have their turn. Work that takes more than one turn is a {@link
 * dev.penstock.server.turn.Suspended}: it does a part, says that it is not done, and is asked again after the other
 * clients.
 *
 * <p>Start at {@link dev.penstock.server.turn.Turn}. A command gives its work to its session, which calls {@code goOn}
 * until it is done. {@link dev.penstock.server.turn.OneByOne}, {@link dev.penstock.server.turn.Attempts} and {@link
 * dev.penstock.server.turn.Elsewhere} are the common kinds; others are with the commands that need them.
 *
 * <p>All of it belongs to the thread of one event loop, and takes no lock. The exception is a {@link
 * dev.penstock.server.turn.Job}, which another thread runs: the event loop hands it over, touches nothing that it uses,
 * and asks for its result when it has ended.
 *
 * <p>Sessions, keyspaces and commands use this package. It knows the replies, whose length is spent, and nothing above
 * them.
 */
@NullMarked
package dev.penstock.server.turn;

import org.jspecify.annotations.NullMarked;
