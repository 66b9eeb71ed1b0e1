/**
 * Bytes as text and back: keys, values, names of files, the words of a command line. Start at
 * {@link dev.penstock.tools.text.ByteText}, a string that can hold any bytes, so that the words of a command line pass
 * through the parser unharmed.
 *
 * <p>{@link dev.penstock.tools.text.KeyText} prints a key so that one line is one key, and
 * {@link dev.penstock.tools.text.EscapedValue} does the same for a value of any length.
 * {@link dev.penstock.tools.text.ProcessBytes} takes the words of the command line and the environment from the
 * kernel, and {@link dev.penstock.tools.text.RawFileNames} converts names of files, since the JDK converts both by the
 * locale. {@link dev.penstock.tools.text.TextFile} reads a small file that must be UTF-8.
 * {@link dev.penstock.tools.text.Size} prints sizes and numbers for people, and
 * {@link dev.penstock.tools.text.Spelling} finds the word that a user meant.
 *
 * <p>All packages of the tools may use this one. Nothing in it has state that threads share, so there are no locks.
 */
@NullMarked
package dev.penstock.tools.text;

import org.jspecify.annotations.NullMarked;
