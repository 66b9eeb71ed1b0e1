/**
 * The same work on Penstock and on its peers, measured. Nothing lies here but the packages; start at
 * the one that measures what you look for:
 *
 * <ul>
 *   <li>{@link dev.penstock.bench.engine}: what is compared, each behind one interface, and the data all are given.
 *   <li>{@link dev.penstock.bench.embedded}: throughput of embedded stores by JMH, behind {@code bench/run}.
 *   <li>{@link dev.penstock.bench.scale}: what JMH cannot measure because it takes a whole process: opening, memory,
 *       compaction, latency, lives of large stores.
 *   <li>{@link dev.penstock.bench.instructions}: machine instructions per operation, behind {@code bench/instructions}.
 *   <li>{@link dev.penstock.bench.server}: what a request costs Penstock's server, redis-server and nginx.
 *   <li>{@link dev.penstock.bench.cluster}: three nodes on one machine, beside Redis Cluster and etcd.
 *   <li>{@link dev.penstock.bench.process}: child processes, and the folders and the memory they get.
 *   <li>{@link dev.penstock.bench.report}: tables, charts, medians, the machine, and results as files.
 * </ul>
 *
 * <p>The arrows point one way. {@code embedded}, {@code scale}, {@code instructions}, {@code server} and {@code
 * cluster} each hold programs and know nothing of each other. They all use {@code process} and {@code report}; the
 * first three use {@code engine} as well. {@code engine}, {@code process} and {@code report} use none of the others.
 * {@code ArchitectureTest} holds this.
 *
 * <p>Every program starts from a script in the folder {@code bench} of the repository. It prints a table in Markdown,
 * writes JSON into {@code results}, and takes {@code --help}. docs/measurements/benchmarks.md describes what each one
 * measures.
 *
 * <p>Each program measures on threads that share nothing but the store; no package takes locks.
 */
@NullMarked
package dev.penstock.bench;

import org.jspecify.annotations.NullMarked;
