package dev.penstock.bench.cluster;

/**
 * Rate and latency of one measurement.
 *
 * @param requests how many requests were answered
 * @param perSecond requests per second
 * @param p50Millis median of the time to a reply, or to the last one of a pipeline
 * @param p99Millis 99th percentile of that time
 */
record Load(long requests, double perSecond, double p50Millis, double p99Millis) {}
