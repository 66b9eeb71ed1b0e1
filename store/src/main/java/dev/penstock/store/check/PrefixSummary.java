package dev.penstock.store.check;

/**
 * The keys that begin in the same way.
 *
 * @param prefix the bytes up to and with the delimiter; empty for the keys without one
 * @param keyCount number of keys; at most {@link StoreDetails#prefixShortfall} too low
 * @param bytes bytes of their records, large values included
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PrefixSummary(byte[] prefix, long keyCount, long bytes) {}
