/** Tests of what the cluster's benchmark reads, and of the clients that only it has. Nothing here measures. */
package dev.penstock.bench.cluster;
