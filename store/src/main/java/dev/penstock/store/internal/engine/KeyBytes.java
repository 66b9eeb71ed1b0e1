package dev.penstock.store.internal.engine;

/**
 * The bytes of a key: a part of an array. The public key extends this class; see {@link OpenStore}.
 *
 * @hidden
 */
@SuppressWarnings("InvalidBlockTag") // Error Prone does not know @hidden on a class
public abstract class KeyBytes {

    protected static final byte[] NONE = {};

    protected byte[] array = NONE;
    protected int offset;
    protected int length;

    protected KeyBytes() {}
}
