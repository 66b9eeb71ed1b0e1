/**
 * Bytes on their way between files and sockets. {@link dev.penstock.server.transfer.OutputQueue} is the ordered output
 * of a connection: chunks of encoded replies, and between them values that leave from their files. {@link
 * dev.penstock.server.transfer.Upload} is a value that arrives in parts, an {@link dev.penstock.server.transfer.Intake}
 * anything that goes from the socket past the buffer of the requests.
 *
 * <p>Start at {@link dev.penstock.server.transfer.OutputQueue}. Replies are put in; a command brackets its own with a
 * mark, and can take it back until the next write. {@link dev.penstock.server.transfer.OutputQueue#writeTo} sends until
 * the socket is full, the disk has to be waited for, or the client has had its share. A {@link
 * dev.penstock.server.transfer.ValueTransfer} chooses for each stretch of a value how it travels ({@link
 * dev.penstock.server.TransferMode}), by its size and by what is in the page cache. {@link
 * dev.penstock.server.transfer.OutputChunk}s come from a pool, which counts them against {@link
 * dev.penstock.server.transfer.MemoryBudget}s that all clients share.
 *
 * <p>{@link dev.penstock.server.transfer.TransferContext} is what the transfers of one event loop share: its
 * {@link dev.penstock.server.transfer.ChunkPool}, the {@link dev.penstock.server.transfer.TransferSettings} and the
 * {@link dev.penstock.server.transfer.TransferCounts}, which consist of {@link dev.penstock.server.transfer.Counter}s.
 * A {@link dev.penstock.server.transfer.Wire} is the socket as transfers see it, a
 * {@link dev.penstock.server.transfer.Place} is space for a length that is known later, and a
 * {@link dev.penstock.server.transfer.Verification} checks values before they are sent.
 * {@link dev.penstock.server.transfer.OutOfBudgetException} and
 * {@link dev.penstock.server.transfer.ReplyTooLargeException} say that memory is used up, for all clients or for one.
 *
 * <p>Everything belongs to the thread of an event loop, except the readers: threads that read pages which are not in
 * memory, and tell the loop when they have. Budgets are atomic numbers, shared by all loops. There is no lock.
 *
 * <p>Replies, requests and connections use this package. Nothing here knows the protocol or a command; only an upload
 * calls the store.
 */
@NullMarked
package dev.penstock.server.transfer;

import org.jspecify.annotations.NullMarked;
