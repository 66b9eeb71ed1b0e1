/** The Redis-protocol server over a store. */
module dev.penstock.server {
    requires transitive dev.penstock.store;

    exports dev.penstock.server;
}
