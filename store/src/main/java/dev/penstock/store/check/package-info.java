/**
 * Looks at the files of a store without opening it, as a library; {@code penstock inspect} and {@code penstock verify}
 * print the results.
 *
 * <p>Start at {@link dev.penstock.store.check.StoreInspector#inspect}, which reads headers and keys and returns a
 * {@link dev.penstock.store.check.StoreSummary} with a {@link dev.penstock.store.check.SegmentSummary} for each file,
 * or at {@link dev.penstock.store.check.StoreVerifier#verify}, which reads every byte that means something and returns
 * a {@link dev.penstock.store.check.VerifyReport} with a {@link dev.penstock.store.check.Finding} for each problem,
 * which has a {@link dev.penstock.store.check.FindingCode}.
 * {@link dev.penstock.store.check.StoreInspector#details}, with {@link dev.penstock.store.check.InspectOptions}, reads
 * more and returns {@link dev.penstock.store.check.StoreDetails}: each {@link dev.penstock.store.check.Histogram}, the
 * largest values, the commonest key prefixes ({@link dev.penstock.store.check.PrefixSummary}), a {@link
 * dev.penstock.store.check.SegmentMap} of each segment, the {@link dev.penstock.store.check.CheckpointSummary} and a
 * {@link dev.penstock.store.check.CompactionForecast}. Other methods return
 * the {@link dev.penstock.store.check.KeyHistory} of a key, the {@link dev.penstock.store.check.RecordDetails} of a
 * place ({@link dev.penstock.store.check.RecordSummary}, {@link dev.penstock.store.check.RecordKind}) and the {@link
 * dev.penstock.store.check.SegmentDetails} of a segment.
 *
 * <p>{@link dev.penstock.store.check.StoreFormat} names the versions of the files.
 *
 * <p>Both open the files with {@code StoreFiles} and walk the log with {@code StoreWalk}. Sound records go through the
 * same replay as when a store is opened. Where a record is not sound, the walk searches for the next sound record, so
 * one damaged place does not hide the rest. To verify, {@code ParallelChecks} compares the values of the next segments
 * ({@code ComparedValues}), and then the large values, on other threads; the findings come in the order of the files.
 * {@code LogStructure} finds files that are missing or too short; such a finding counts if a second walk has it too.
 * The package has 30 classes: most are results.
 *
 * <p>Nothing here takes a lock or changes a byte. The store may be open for writing meanwhile: the walk starts again if
 * files vanish, and the result covers what was there. Any program may call this package.
 */
@NullMarked
package dev.penstock.store.check;

import org.jspecify.annotations.NullMarked;
