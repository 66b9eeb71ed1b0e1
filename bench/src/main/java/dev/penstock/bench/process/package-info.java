/**
 * The processes that are measured, and what surrounds them. Start at {@link dev.penstock.bench.process.ChildJvm},
 * which starts a JVM with this one's class path and reads its lines; {@link
 * dev.penstock.bench.process.ExternalProgram} runs a command to its end. {@link
 * dev.penstock.bench.process.ServerProcess} is a running server, with its processor time, and {@link
 * dev.penstock.bench.process.BlockingClient} asks one by the Redis protocol or by HTTP. {@link
 * dev.penstock.bench.process.RedisBenchmark} runs redis-benchmark against one. {@link
 * dev.penstock.bench.process.DataDirectory} makes and deletes the folders of stores, all below one parent that a
 * system property names. {@link dev.penstock.bench.process.MemoryLimit} is a control group that a process enters as it
 * starts, so that a store can be larger than memory.
 *
 * <p>A child ends with the process that started it, whatever happens to that: {@code ChildJvm} is closed by its owner,
 * and by a shutdown hook where the owner is interrupted. Nothing here knows what is measured.
 *
 * <p>All packages with programs use this one, each from its main thread, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.process;

import org.jspecify.annotations.NullMarked;
