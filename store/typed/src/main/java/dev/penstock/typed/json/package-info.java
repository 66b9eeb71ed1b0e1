/**
 * Values as JSON, by Jackson, which a program that uses this package adds to its dependencies: {@code
 * com.fasterxml.jackson.core:jackson-databind}.
 *
 * <p>Start at {@link dev.penstock.typed.json.JsonCodec}, a {@code Codec} for {@code TypedStore}. A put has Jackson
 * write to the buffer that the store copies from; a get has it read the mapped page through a stream.
 *
 * <p>Any program may call this package. It takes no lock, and Jackson's readers and writers are immutable.
 */
@NullMarked
package dev.penstock.typed.json;

import org.jspecify.annotations.NullMarked;
