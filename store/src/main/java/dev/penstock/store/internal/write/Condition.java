package dev.penstock.store.internal.write;

/** What must hold of a key for a write to it to go ahead. */
public enum Condition {
    NONE,
    IF_ABSENT,
    IF_PRESENT;

    boolean holds(boolean present) {
        return switch (this) {
            case NONE -> true;
            case IF_ABSENT -> !present;
            case IF_PRESENT -> present;
        };
    }
}
