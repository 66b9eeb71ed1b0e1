package dev.penstock.server.command;

import dev.penstock.server.resp.Ascii;
import dev.penstock.server.resp.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Commands by name. A name is looked up from the request's bytes, in any case, without making a string of it: an
 * open-addressed table, filled at start and only read afterwards.
 */
final class CommandTable {

    private final List<Command> commands = new ArrayList<>();
    private Command[] slots = new Command[16];

    void add(Command command) {
        commands.add(command);
        if (4 * commands.size() > slots.length) { // sparse, so that most look-ups see one slot
            slots = new Command[2 * slots.length];
            commands.forEach(this::place);
        } else {
            place(command);
        }
    }

    private void place(Command command) {
        int hash = 0;
        for (byte letter : command.nameBytes()) {
            hash = 31 * hash + letter;
        }
        int slot = slot(hash);
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = command;
    }

    /** The command that an argument names, or null. */
    Command find(Request request, int index) {
        int length = request.length(index);
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + Ascii.lowerCase(request.byteAt(index, i));
        }
        for (int slot = slot(hash); slots[slot] != null; slot = (slot + 1) & (slots.length - 1)) {
            if (matches(slots[slot].nameBytes(), request, index)) {
                return slots[slot];
            }
        }
        return null;
    }

    private static boolean matches(byte[] name, Request request, int index) {
        if (request.length(index) != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (Ascii.lowerCase(request.byteAt(index, i)) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 15) & (slots.length - 1);
    }

    int size() {
        return commands.size();
    }

    List<Command> all() {
        return Collections.unmodifiableList(commands);
    }
}
