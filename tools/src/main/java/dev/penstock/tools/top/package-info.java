/**
 * A live view of a server or of a store's directory, for {@code top}. Start at
 * {@link dev.penstock.tools.top.TopTerminal}, which shows frames and takes keys until the user quits.
 *
 * <p>A {@link dev.penstock.tools.top.TopSource} is read again and again: {@link dev.penstock.tools.top.ServerSource}
 * asks a server, {@link dev.penstock.tools.top.FollowerSource} follows a store's directory. Two
 * {@link dev.penstock.tools.top.TopReading}s make a {@link dev.penstock.tools.top.TopFrame}, whose rates are of the
 * time between them, with a {@link dev.penstock.tools.top.TopTable} for what has rows. A
 * {@link dev.penstock.tools.top.TopScreen} lays a frame out as lines.
 *
 * <p>The command {@code top} uses these classes, on one thread. The only other thread is the one that restores the
 * terminal when the JVM ends. No lock is taken.
 */
@NullMarked
package dev.penstock.tools.top;

import org.jspecify.annotations.NullMarked;
