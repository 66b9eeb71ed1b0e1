package dev.penstock.store.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One directory: the names that the process sees, the names that the device holds, and the changes between the two.
 *
 * <p>One thread.
 */
final class SimulatedDirectory implements SimulatedNode {

    /** Null for the topmost directory. */
    final SimulatedDirectory parent;
    /** Number of the file system. No file has names in two of them. */
    final int fileSystem;

    final Map<String, SimulatedNode> names = new TreeMap<>();
    final Map<String, SimulatedNode> durableNames = new TreeMap<>();
    final List<NameChange> changes = new ArrayList<>();
    boolean locked;

    SimulatedDirectory(SimulatedDirectory parent, int fileSystem) {
        this.parent = parent;
        this.fileSystem = fileSystem;
    }

    void change(NameChange change) {
        change.applyTo(names);
        changes.add(change);
    }

    /** Puts all names on the device. */
    void force() {
        changes.clear();
        durableNames.clear();
        durableNames.putAll(names);
    }
}
