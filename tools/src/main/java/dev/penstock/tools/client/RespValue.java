package dev.penstock.tools.client;

import java.util.List;

/** A reply of a server, read to its end. */
public sealed interface RespValue {

    /** A simple or a bulk string; bytes that are no UTF-8 show as U+FFFD. */
    record RespText(String text) implements RespValue {}

    /** A whole number. */
    record Whole(long number) implements RespValue {}

    /** An array. */
    record Items(List<RespValue> items) implements RespValue {
        public Items {
            items = List.copyOf(items);
        }
    }

    /** The null of either kind. */
    record Missing() implements RespValue {}

    /** The text of a string or number; empty for anything else. */
    default String asText() {
        return switch (this) {
            case RespText value -> value.text();
            case Whole value -> Long.toString(value.number());
            case Items _, Missing _ -> "";
        };
    }

    /** The elements of an array; none for anything else. */
    default List<RespValue> asItems() {
        return this instanceof Items array ? array.items() : List.of();
    }
}
