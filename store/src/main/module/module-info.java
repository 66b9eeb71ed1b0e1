/** The Penstock storage engine: one directory, mapped reads, no flags for the embedder. */
module dev.penstock.store {
    requires jdk.jfr;
    requires jdk.management;
    requires static org.jspecify;

    exports dev.penstock.store;
    exports dev.penstock.store.check;
    exports dev.penstock.store.repair;
    // The benchmarks use it too. They run on the class path.
    exports dev.penstock.store.transfer to dev.penstock.server;
}
