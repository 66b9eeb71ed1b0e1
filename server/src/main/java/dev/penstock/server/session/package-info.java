/**
 * Clients and the execution of their requests. Start at {@link dev.penstock.server.session.Dispatcher}.
 */
package dev.penstock.server.session;
