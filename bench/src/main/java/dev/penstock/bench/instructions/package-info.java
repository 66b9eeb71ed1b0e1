/**
 * Machine instructions per operation, which neither a busy machine nor a slow one changes. Start at {@link
 * dev.penstock.bench.instructions.InstructionsRun}, the program behind {@code bench/instructions}.
 *
 * <p>{@code InstructionsChild} is a JVM that repeats one {@code CountedOperation} on one thread. Once nothing is
 * compiled any more it prints the kernel's number of that thread and the address of a word that it adds one to in each
 * iteration. The run seizes the thread ({@code SteppedThread}, over {@code Ptrace}, which calls the kernel through the
 * foreign function interface) and lets it execute one instruction after the other. {@code InstructionCount} reads the
 * word after each step, by which it tells one iteration from the next, and counts.
 *
 * <p>Each operation has several forks, because the compiler does not make the same code in each; the row of the table
 * is their median. {@code Budgets} reads the most that an operation may take from the file {@code
 * bench/instructions.budgets}; exceeding one is an exit code of its own. With {@code --dump}, {@code CompiledCode} asks
 * the JDK's serviceability agent which methods each executed address belongs to, inlined ones included, and {@code
 * CodeProfile} adds them up.
 *
 * <p>No other package uses this one. One thread is stepped and one steps it, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.instructions;

import org.jspecify.annotations.NullMarked;
