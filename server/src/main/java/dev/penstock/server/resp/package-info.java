/**
 * The Redis protocol, versions 2 and 3, as bytes: {@link dev.penstock.server.resp.RequestDecoder} finds requests in a
 * connection's input, {@link dev.penstock.server.resp.Reply} encodes answers into its output. No command is known here.
 */
package dev.penstock.server.resp;
