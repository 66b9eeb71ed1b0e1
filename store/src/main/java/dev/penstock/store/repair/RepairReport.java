package dev.penstock.store.repair;

import java.util.UUID;

/**
 * The result of {@link StoreRepair#repair}.
 *
 * @param storeId identity of the damaged store; the new store has another one
 * @param salvagedKeys keys of the new store
 * @param salvagedBytes bytes of their values
 * @param doubtfulKeys keys of which a removal or a newer value may be lost; in the new store unless the repair was
 *     strict
 * @param outdatedKeys keys that were left out because the checkpoint proves that what is left of them was replaced or
 *     removed
 * @param expiredKeys keys that were left out because they have expired
 * @param recoveredValueFiles large values that were salvaged from their files alone; any expiry of theirs is lost
 * @param lostValues current values that are lost and whose keys are known
 * @param unreadableKeys current keys, as of the checkpoint, whose records cannot be read; -1 if there is no sound
 *     checkpoint to tell
 * @param lossCount things that were reported as lost, notices not included
 */
public record RepairReport(
        UUID storeId,
        long salvagedKeys,
        long salvagedBytes,
        long doubtfulKeys,
        long outdatedKeys,
        long expiredKeys,
        long recoveredValueFiles,
        long lostValues,
        long unreadableKeys,
        long lossCount) {

    /** {@return whether everything that was current is in the new store, as far as the files tell} */
    public boolean isComplete() {
        return lossCount == 0;
    }
}
