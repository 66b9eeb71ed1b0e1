/**
 * Every system call of the store, and the seam where tests inject faults.
 *
 * <p>Start at {@link dev.penstock.store.internal.io.Disk}, {@link dev.penstock.store.internal.io.DiskDirectory} and
 * {@link dev.penstock.store.internal.io.DiskFile}: a store opens its directory once, and reaches all files through it
 * by name and descriptor. {@link dev.penstock.store.internal.io.SystemDisk} is the real disk. It makes system calls by
 * {@code Posix} and {@code PosixMemory}, in the classes named {@code Native}, where they can be made; an {@code
 * ErrorNumber} is what they fail with. Otherwise the classes named {@code
 * Portable} use the JDK alone; their {@code PortableNames} are those of an open directory, or of a path where the JDK
 * keeps none open. A {@link dev.penstock.store.internal.io.DirectoryLock} over a {@link
 * dev.penstock.store.internal.io.DiskLock} keeps a second owner out, and {@link
 * dev.penstock.store.internal.io.GuardedDirectory} refuses changes once the directory is no longer where it was.
 *
 * <p>{@link dev.penstock.store.internal.io.IdleFile} and {@link dev.penstock.store.internal.io.OpenFiles} keep the
 * number of open files low, within the {@link dev.penstock.store.internal.io.DescriptorLimit}. {@link
 * dev.penstock.store.internal.io.NativeMemory}, {@link dev.penstock.store.internal.io.Mappings}, {@link
 * dev.penstock.store.internal.io.RawMemory}, {@link dev.penstock.store.internal.io.ReadableRange} and {@link
 * dev.penstock.store.internal.io.PageFaults} concern mapped memory: advice, unmapping, loads by address, ranges that
 * can always be read, and pages that the system cannot supply. A {@link dev.penstock.store.internal.io.Pipe} moves
 * pages without a copy, and {@link dev.penstock.store.internal.io.SocketOutput} sends in ways that Java's channels
 * lack. {@link dev.penstock.store.internal.io.Uninterrupted} keeps an interrupt from disturbing a call. {@link
 * dev.penstock.store.internal.io.FailureLatch} holds the error that ends all writing, and {@link
 * dev.penstock.store.internal.io.StackReserve} makes sure of the stack that a write or a read needs. Errors are a
 * {@link dev.penstock.store.internal.io.DiskFullException}, a {@link dev.penstock.store.internal.io.CutShortException},
 * an {@link dev.penstock.store.internal.io.OutOfDescriptorsException} or a {@link
 * dev.penstock.store.internal.io.DirectoryLostException}. {@link dev.penstock.store.internal.io.StoreErrors} turns what
 * mapped memory and the system throw into exceptions of the store; no other class does. {@link
 * dev.penstock.store.internal.io.CallersCode} calls the listeners and channels of callers, whose errors pass as they
 * are. {@link dev.penstock.store.internal.io.StoreLog} is where the store logs to.
 *
 * <p>Locks: {@link dev.penstock.store.internal.io.IdleFile} has one for opening and closing its file, and {@link
 * dev.penstock.store.internal.io.OpenFiles} one for the list; the second may be taken under the first. They are the
 * last in the order of locks. Any internal package may call this one. It has 54 classes, since each system call has a
 * native and a portable form and an interface over both. {@code NativeFile} has more than 450 lines: it has every
 * operation on a file.
 */
@NullMarked
package dev.penstock.store.internal.io;

import org.jspecify.annotations.NullMarked;
