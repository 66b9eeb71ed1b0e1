/** Typed keys and values over a store. Jackson is needed only by the package of JSON. */
module dev.penstock.typed {
    requires transitive dev.penstock.store;
    requires static org.jspecify;
    requires static transitive com.fasterxml.jackson.databind;

    exports dev.penstock.typed;
    exports dev.penstock.typed.json;
}
