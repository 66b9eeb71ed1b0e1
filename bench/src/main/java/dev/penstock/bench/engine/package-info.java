/**
 * The engines under comparison. Start at {@link dev.penstock.bench.engine.EngineKind}, which lists and opens them;
 * {@link dev.penstock.bench.engine.Contender} is an open store, and {@link dev.penstock.bench.engine.ContenderSession}
 * one thread's access to it.
 *
 * <p>A key travels as two longs. The session turns them into the form its engine takes fastest (a byte array, a
 * flyweight, a direct buffer), looks the key up, and returns the first and the last eight bytes of the value, XORed,
 * read in place where the engine allows that. So no engine pays for another's favourite buffer class, and a harness
 * sees from one long whether it got the right value of the right key.
 *
 * <p>{@link dev.penstock.bench.engine.Dataset} computes keys and values from numbers: ten million of them take no
 * memory of the harness. {@link dev.penstock.bench.engine.RandomWalk} draws the numbers.
 *
 * <p>To add an engine, implement the two interfaces in a separate class, add a constant to {@code EngineKind} with
 * the flags that its library needs, and let {@code embedded.Operation} list it where it can take part. {@code
 * ContendersAgreeTest} then runs against it. Nothing here starts threads, measures time or prints.
 *
 * <p>{@code embedded}, {@code scale} and {@code instructions} use this package; the last two also name {@link
 * dev.penstock.bench.engine.PenstockContender}. A session belongs to one thread, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.engine;

import org.jspecify.annotations.NullMarked;
