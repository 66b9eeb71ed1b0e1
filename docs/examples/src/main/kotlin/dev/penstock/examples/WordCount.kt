package dev.penstock.examples

import dev.penstock.typed.Codecs
import dev.penstock.typed.TypedStore
import java.nio.file.Path

/** Counts words in a store, in Kotlin. The argument is the directory of the store. */
fun main(arguments: Array<String>) {
    TypedStore.open(Path.of(arguments[0]), Codecs.strings(), Codecs.longs()).use { counts ->
        "to be or not to be".split(' ').forEach { word ->
            counts.compute(word) { count -> (count ?: 0L) + 1 }
        }
        counts.entries().use { entries ->
            entries.sortedBy { it.key() }.forEach { println("${it.key()}: ${it.value()}") }
        }
    }
}
