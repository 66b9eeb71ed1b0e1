/**
 * Typed keys and values over a store: objects in place of bytes.
 *
 * <p>Start at {@link dev.penstock.typed.TypedStore}: it opens a store with a {@link dev.penstock.typed.Codec} for keys
 * and one for values, then gets and puts objects. {@link dev.penstock.typed.Codecs} has the codecs of common types;
 * those of records are in {@code dev.penstock.typed.json}. A {@link dev.penstock.typed.TypedBatch} groups writes, and
 * {@link dev.penstock.typed.TypedEntries} are all entries of one moment, each a {@link dev.penstock.typed.TypedEntry}.
 * {@link dev.penstock.typed.TypedStore#asMap} returns the store as a map.
 *
 * <p>A put encodes key and value into an {@link dev.penstock.typed.EncodeBuffer} on the heap, and the store copies them
 * into its log. A get looks the key up and calls the codec with the mapped page. What no codec can read throws {@link
 * dev.penstock.typed.UndecodableException}.
 *
 * <p>Any program may call this package. It uses the public API of {@code dev.penstock.store} alone, which does not know
 * it. Reads and writes take no lock here. {@code DurablePuts}, behind {@code putAsync}, has one lock and one thread,
 * which forces for all writes that wait.
 */
@NullMarked
package dev.penstock.typed;

import org.jspecify.annotations.NullMarked;
