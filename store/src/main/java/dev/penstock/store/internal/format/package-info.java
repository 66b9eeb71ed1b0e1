/**
 * The byte layouts of every file, and nothing that does I/O. {@link dev.penstock.store.internal.format.RecordLayout} is
 * the one to read first; {@code docs/reference/format.md} is the normative description, held to these constants by a test.
 */
@NullMarked
package dev.penstock.store.internal.format;

import org.jspecify.annotations.NullMarked;
