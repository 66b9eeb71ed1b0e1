package dev.penstock.bench.server;

import java.util.ArrayList;
import java.util.List;

/**
 * Who runs where. The server has a core to itself, so that its processor time is not blurred by the client's; the
 * harness and the clients it starts are on the other one, where the script put them.
 */
enum Cores {
    SERVER("0"),
    /** Free to use all, for what is measured by the clock; the kernel leaves out those that are not there. */
    ALL("0-1023");

    private final String list;

    Cores(String list) {
        this.list = list;
    }

    /** The command, bound to these cores. */
    List<String> bind(List<String> command) {
        List<String> bound = new ArrayList<>(List.of("taskset", "-c", list));
        bound.addAll(command);
        return bound;
    }
}
