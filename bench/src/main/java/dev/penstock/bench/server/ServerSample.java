package dev.penstock.bench.server;

/**
 * What one round measured of one server.
 *
 * @param measurement what was asked of it, such as "GET, pipeline 16"
 * @param server which server
 * @param round from 1
 * @param cost the figure that is compared; lower is better
 * @param costUnit what it counts
 * @param rate how fast it went, which the client bounds as well; NaN where it says nothing
 * @param rateUnit what that counts
 */
record ServerSample(
        String measurement, ServerKind server, int round, double cost, String costUnit, double rate, String rateUnit) {}
