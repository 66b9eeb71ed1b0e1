/** The Redis-protocol server over a store. */
module dev.penstock.server {
    requires transitive dev.penstock.store;
    requires org.agrona;
    requires static org.jspecify;
    requires io.prometheus.metrics.instrumentation.jvm;
    requires io.prometheus.metrics.model;
    requires com.fasterxml.jackson.core;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.prometheus.writer.text;
    requires java.management;
    requires tls.channel;

    exports dev.penstock.server;
    exports dev.penstock.server.config;
}
