/**
 * Entries from LMDB, for {@code import}. Start at {@link dev.penstock.tools.lmdb.LmdbSource}, a source of entries for
 * the package {@code load}.
 *
 * <p>It starts a JVM that runs {@code LmdbDump} and reads what that writes. So the options that lmdbjava needs, which
 * open packages of the JDK, are those of this process alone, and a damaged file that makes the native library crash
 * ends it alone. The library is optional: without it the import fails, and says so.
 *
 * <p>The package {@code command} uses these classes. Each belongs to the one thread of its process, and none takes a
 * lock.
 */
@NullMarked
package dev.penstock.tools.lmdb;

import org.jspecify.annotations.NullMarked;
