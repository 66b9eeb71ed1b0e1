/** The Redis-protocol server over a store. */
module dev.penstock.server {
    requires transitive dev.penstock.store;
    requires org.agrona;
    requires static org.jspecify;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.management;
    requires tls.channel;

    exports dev.penstock.server;
    exports dev.penstock.server.config;
}
