/**
 * Everything the store asks of the operating system. {@link dev.penstock.store.internal.io.Disk} and
 * {@link dev.penstock.store.internal.io.DiskFile} are the seam where tests inject faults and record what was forced;
 * {@link dev.penstock.store.internal.io.PosixDisk} is the real one.
 */
@NullMarked
package dev.penstock.store.internal.io;

import org.jspecify.annotations.NullMarked;
