package dev.penstock.server.session;

import dev.penstock.server.resp.Ascii;
import dev.penstock.server.resp.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Commands by name. A name is looked up by the request's bytes, in any case, without creating a string: an
 * open-addressed table, filled at start and only read afterwards.
 */
public final class CommandTable {

    private final List<Command> commands = new ArrayList<>();
    private Command[] slots = new Command[16];

    public void add(Command command) {
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
    public @Nullable Command find(Request request, int index) {
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

    /** The command of a full name in lower case, which there is. */
    Command named(String name) {
        return withSubcommands()
                .filter(command -> command.fullName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    public int size() {
        return commands.size();
    }

    public List<Command> all() {
        return Collections.unmodifiableList(commands);
    }

    /** Containers and what they contain. */
    public Stream<Command> withSubcommands() {
        return commands.stream()
                .flatMap(command -> command.subcommands() == null
                        ? Stream.of(command)
                        : Stream.concat(
                                Stream.of(command), command.subcommands().withSubcommands()));
    }

    /** Those that a command is in. */
    public List<String> categories() {
        return withSubcommands()
                .flatMap(command -> command.categories().stream())
                .distinct()
                .toList();
    }

    /** Whether a rule about rights can mean it: {@code @category}, {@code command} or {@code container|subcommand}. */
    public boolean knows(String what) {
        return what.startsWith("@")
                ? what.equals("@all") || categories().contains(what.substring(1))
                : withSubcommands().anyMatch(command -> command.fullName().equals(what));
    }
}
