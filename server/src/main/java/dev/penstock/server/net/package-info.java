/**
 * Sockets: one thread waits for all of them, reads, has requests executed and sends replies. Start at
 * {@link dev.penstock.server.net.EventLoop}, then {@link dev.penstock.server.net.Connection}.
 */
package dev.penstock.server.net;
