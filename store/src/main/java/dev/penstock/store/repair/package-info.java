/**
 * Salvages a damaged store, as a library; {@code penstock repair} prints the results.
 *
 * <p>Start at {@link dev.penstock.store.repair.StoreRepair#repair}, which makes a new store of what is sound in a
 * damaged one. A {@link dev.penstock.store.repair.RepairListener} is told each {@link
 * dev.penstock.store.repair.Loss}, and each key that is in doubt; the {@link
 * dev.penstock.store.repair.RepairReport} has the counts.
 *
 * <p>{@code IdentitySearch} finds out which store the files belong to, {@code DamagedFiles} opens them. {@code
 * LogSurvey} replays the headers of all records that {@code SegmentWalk} finds. {@code Salvage} copies what is current;
 * {@code Evidence}, the image in the checkpoint, tells what was replaced by records that are lost. {@code
 * OrphanedValues} finds large values whose references are lost.
 *
 * <p>Nothing here takes a lock of the damaged store or changes a byte of it. The new store is locked as the target of a
 * backup is. Any program may call this package.
 */
@NullMarked
package dev.penstock.store.repair;

import org.jspecify.annotations.NullMarked;
