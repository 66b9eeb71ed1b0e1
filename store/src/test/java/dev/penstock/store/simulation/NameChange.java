package dev.penstock.store.simulation;

import java.util.Map;

/** A change to a directory that is not known to be on the device. */
sealed interface NameChange {

    /** Makes the change, if it can be made; what it builds on may have been lost. */
    void applyTo(Map<String, SimulatedNode> names);

    /** A new file or directory, or a further name of a file. */
    record Create(String name, SimulatedNode node) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedNode> names) {
            names.putIfAbsent(name, node);
        }
    }

    /** As in POSIX, a rename between two names of one file does nothing. */
    record Rename(String from, String to) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedNode> names) {
            SimulatedNode node = names.get(from);
            if (node != null && node != names.get(to)) {
                names.remove(from);
                names.put(to, node);
            }
        }
    }

    record Delete(String name) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedNode> names) {
            names.remove(name);
        }
    }
}
