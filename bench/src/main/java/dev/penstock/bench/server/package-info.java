/**
 * What a request costs the server, measured from outside: processor time of the server's process, read from the kernel,
 * divided by requests or bytes. Start at {@link dev.penstock.bench.server.ServerBenchmark}, the program behind
 * {@code bench/server-cpu}.
 */
package dev.penstock.bench.server;
