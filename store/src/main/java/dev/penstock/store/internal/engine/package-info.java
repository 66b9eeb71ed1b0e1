/**
 * An open store: how its parts are put together, and the way of each operation through them.
 *
 * <p>Start at {@link dev.penstock.store.internal.engine.OwnerEngine} or
 * {@link dev.penstock.store.internal.engine.FollowerEngine}, which extend
 * {@link dev.penstock.store.internal.engine.Engine}. An engine opens the parts in order, owns the background threads,
 * and closes the parts in reverse. {@link dev.penstock.store.internal.engine.CompactionService} is the owner's
 * compaction, and {@link dev.penstock.store.internal.engine.StoreClock} decides what has expired.
 *
 * <p>A get goes through package {@code read}, to which the engine hands a {@code ReadContext}. A put goes through
 * {@link dev.penstock.store.internal.engine.WritePath}, which checks its arguments, calls {@code write.Writer}, and
 * waits for the device where the durability asks for it. {@link dev.penstock.store.internal.engine.UnfinishedValue}
 * gathers a value that arrives in parts. {@code EngineErrors} turns errors of memory and files into exceptions of the
 * API, and {@code PageLoss} decides which file is to blame and whether the store goes on.
 *
 * <p>{@link dev.penstock.store.internal.engine.OpenStore}, {@link dev.penstock.store.internal.engine.KeyBytes} and
 * {@link dev.penstock.store.internal.engine.UnfinishedValue} are the superclasses of public classes, so that one object
 * serves both. {@link dev.penstock.store.internal.engine.TransferAccess} is the way in for {@code store.transfer}.
 *
 * <p>Opening a store and the first get link no lambdas, and {@code LoadedClassesTest} requires it: in a new JVM each
 * takes as long as hundreds of system calls. What is written as a class here, where a lambda would be shorter, is
 * written so for that.
 *
 * <p>No operation takes a lock here: an engine's own monitor guards closing alone. One thread closes, and others that
 * call {@code close} wait on a latch until it has released the files and the lock. A thread that it would wait for, one
 * of the store's own or one that compacts, is refused. The public classes call this package.
 */
@NullMarked
package dev.penstock.store.internal.engine;

import org.jspecify.annotations.NullMarked;
