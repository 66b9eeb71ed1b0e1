package dev.penstock.store.simulation;

import java.util.Map;

/** A change to a directory that is not known to be on the device. */
sealed interface NameChange {

    /** Makes the change, if it can be made; what it builds on may have been lost. */
    void applyTo(Map<String, SimulatedFile> names);

    record Create(String name, SimulatedFile file) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedFile> names) {
            names.putIfAbsent(name, file);
        }
    }

    record Rename(String from, String to) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedFile> names) {
            SimulatedFile file = names.remove(from);
            if (file != null) {
                names.put(to, file);
            }
        }
    }

    record Delete(String name) implements NameChange {
        @Override
        public void applyTo(Map<String, SimulatedFile> names) {
            names.remove(name);
        }
    }
}
