/**
 * Attacks and accidents: floods, greedy clients, hostile requests, a full disk, no file descriptors. The server
 * survives each.
 */
package dev.penstock.server.threat;
