/** Typed keys and values over a store. Jackson and Micrometer are needed only by the packages named after them. */
module dev.penstock.typed {
    requires transitive dev.penstock.store;
    requires static org.jspecify;
    requires static transitive com.fasterxml.jackson.databind;
    requires static transitive micrometer.core;

    exports dev.penstock.typed;
    exports dev.penstock.typed.json;
    exports dev.penstock.typed.micrometer;
}
