/**
 * Bytes on their way: pooled buffers, the ordered output of a connection, values that leave file to socket and values
 * that arrive socket to mapping. Nothing here knows the protocol. Start at
 * {@link dev.penstock.server.transfer.OutputQueue}.
 */
package dev.penstock.server.transfer;
