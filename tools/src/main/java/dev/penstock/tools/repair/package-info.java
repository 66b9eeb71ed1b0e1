/**
 * What {@code repair} prints. Start at {@link dev.penstock.tools.repair.RepairOutput}, which the store tells what it
 * finds while it salvages.
 *
 * <p>{@link dev.penstock.tools.repair.RepairText} prints a limited number of lines for people,
 * {@link dev.penstock.tools.repair.RepairLines} everything for scripts. Neither keeps what it has printed, so that a
 * report of any length takes no memory.
 *
 * <p>The command {@code repair} uses these classes, on one thread. No lock is taken.
 */
@NullMarked
package dev.penstock.tools.repair;

import org.jspecify.annotations.NullMarked;
