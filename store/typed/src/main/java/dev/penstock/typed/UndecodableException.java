package dev.penstock.typed;

import java.util.HexFormat;

/**
 * Stored bytes are not an encoding of the type that they were read as: another program wrote them, or the type has
 * changed. The message names the codec and the beginning of the key. {@link TypedStore#store} reads or removes the
 * bytes of such a key.
 */
public final class UndecodableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int MOST_SHOWN = 16;

    /** The beginning of the key, in hexadecimal digits. */
    private final String keyPrefix;

    /** The name of the codec. */
    private final String codec;

    private UndecodableException(String what, String keyPrefix, String codec, RuntimeException cause) {
        super("the codec \"" + codec + "\" cannot decode " + what + ": " + reason(cause), cause);
        this.keyPrefix = keyPrefix;
        this.codec = codec;
    }

    static UndecodableException ofKey(byte[] key, Codec<?> codec, RuntimeException cause) {
        return new UndecodableException("the key " + shown(key), prefix(key), codec.name(), cause);
    }

    static UndecodableException ofValue(byte[] key, Codec<?> codec, RuntimeException cause) {
        return new UndecodableException("the value of the key " + shown(key), prefix(key), codec.name(), cause);
    }

    private static String shown(byte[] key) {
        return "0x" + prefix(key) + (key.length > MOST_SHOWN ? "... (" + key.length + " bytes)" : "");
    }

    private static String prefix(byte[] key) {
        return HexFormat.of().formatHex(key, 0, Math.min(MOST_SHOWN, key.length));
    }

    private static String reason(RuntimeException cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** {@return the first 16 bytes of the key, in hexadecimal digits} */
    public String keyPrefix() {
        return keyPrefix;
    }

    /** {@return the name of the codec} */
    public String codec() {
        return codec;
    }
}
