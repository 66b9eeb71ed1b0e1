/** Tests of the processes and the client that benchmarks use. Nothing here measures. */
package dev.penstock.bench.process;
