package dev.penstock.tools.command;

import dev.penstock.tools.text.KeyText;
import picocli.CommandLine.Option;

/** How keys are typed and printed: as text, or as hexadecimal digits with {@code --hex}. */
final class KeyOptions {

    @Option(names = "--hex", description = "Read and print keys as hexadecimal digits.")
    private boolean hex;

    byte[] parse(String word) {
        return hex ? KeyText.parseHex(word) : KeyText.parse(word);
    }

    String print(byte[] key) {
        return hex ? KeyText.hex(key) : KeyText.escape(key);
    }
}
