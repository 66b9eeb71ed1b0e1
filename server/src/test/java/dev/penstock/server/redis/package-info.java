/** The server beside Redis: the same requests and the same clients and tools, the same replies. */
package dev.penstock.server.redis;
