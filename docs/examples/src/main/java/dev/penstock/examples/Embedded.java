package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.Durability;
import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import java.nio.file.Path;
import java.time.Duration;

/** A store in a program: values in place, options of a write, a batch, and a walk that stops early. */
final class Embedded {

    private Embedded() {}

    /** @param arguments the directory of the store */
    public static void main(String[] arguments) {
        try (Store store = Store.open(Path.of(arguments[0]))) {
            store.put(bytes("greeting"), bytes("hello"));
            try (ValueView value = store.get(bytes("greeting"))) { // null if the key is absent
                IO.println("greeting: " + value.length() + " bytes, version " + value.version());
            }
            WriteOptions session = WriteOptions.defaults()
                    .expiresIn(Duration.ofMinutes(30))
                    .ifAbsent()
                    .durability(Durability.ALWAYS);
            IO.println("session created: " + store.put(bytes("session"), bytes("Ada"), session));
            IO.println("session created again: " + store.put(bytes("session"), bytes("Bob"), session));

            WriteBatch transfer = new WriteBatch();
            transfer.put(bytes("from"), bytes("90")).put(bytes("to"), bytes("110"));
            store.write(transfer); // after a crash both are there, or neither

            try (EntryWalk entries = store.entries()) {
                for (Entry entry : entries) {
                    IO.println("first entry: " + new String(entry.key(), UTF_8));
                    break;
                }
            }
            IO.println(store.count() + " keys");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
