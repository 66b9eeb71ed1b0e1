package dev.penstock.store.internal.engine;

/** The bytes of a key: a part of an array. The superclass of the public key; see {@link OpenStore}. */
public abstract class KeyBytes {

    protected static final byte[] NONE = {};

    protected byte[] array = NONE;
    protected int offset;
    protected int length;

    protected KeyBytes() {}
}
