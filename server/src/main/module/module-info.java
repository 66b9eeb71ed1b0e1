/** The Redis-protocol server over a store. */
module dev.penstock.server {
    requires transitive dev.penstock.store;
    requires org.agrona;

    exports dev.penstock.server;
}
