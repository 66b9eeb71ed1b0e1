/**
 * Fair shares of an event loop: what a client may cost before others have their turn, and work that takes more than one.
 * Start at {@link dev.penstock.server.turn.Turn}, then {@link dev.penstock.server.turn.Suspended}.
 */
package dev.penstock.server.turn;
