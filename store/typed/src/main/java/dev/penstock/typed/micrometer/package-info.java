/**
 * Metrics of an embedded store for Micrometer, which a program that uses this package adds to its dependencies: {@code
 * io.micrometer:micrometer-core}.
 *
 * <p>Start at {@link dev.penstock.typed.micrometer.StoreMetrics}, and bind it to a registry. The registry asks for each
 * figure; they are read from the store together, at most once a second. It works for any store, typed or not.
 *
 * <p>Any program may call this package. It takes no lock.
 */
@NullMarked
package dev.penstock.typed.micrometer;

import org.jspecify.annotations.NullMarked;
