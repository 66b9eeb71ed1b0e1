/** Tests of the harness itself: what it reads from the kernel and from servers. Nothing here measures. */
package dev.penstock.bench.server;
