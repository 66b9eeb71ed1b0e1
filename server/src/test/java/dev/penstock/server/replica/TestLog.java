package dev.penstock.server.replica;

import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.Proposals;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log of one node, which applies its entries when the test says so. Thread-safe. */
final class TestLog implements Proposals, AutoCloseable {

    private final EntryExecutor executor;
    private final List<Proposal> proposed = new ArrayList<>();
    private final ArrayDeque<Proposal> held = new ArrayDeque<>();
    private final ArrayDeque<CompletableFuture<Void>> fences = new ArrayDeque<>();
    private Proposal.Outcome failure;
    private RuntimeException broken;
    private boolean holds;
    private boolean holdsFences;
    private boolean isCurrent;
    private long term = 1;
    private int applied;
    private int fenceCount;
    private int copies;
    private int countCount;

    TestLog(Store store, EntryClock clock) {
        executor = new EntryExecutor(store, clock);
    }

    @Override
    public synchronized void propose(Proposal proposal) {
        checkBroken();
        proposed.add(proposal);
        if (failure != null) {
            proposal.settle(failure);
        } else if (holds) {
            held.addLast(proposal);
        } else {
            apply(proposal);
        }
        notifyAll();
    }

    private void apply(Proposal proposal) {
        if (proposal.term() != Proposal.ANY_TERM && proposal.term() != term) {
            proposal.settle(new Proposal.NotDone());
            return;
        }
        byte[] mark = ByteBuffer.allocate(Integer.BYTES).putInt(++applied).array();
        proposal.settle(new Proposal.Applied(executor.execute(System.currentTimeMillis(), proposal.steps(), mark)));
    }

    @Override
    public synchronized CompletionStage<Void> fence() {
        fenceCount++;
        notifyAll();
        checkBroken();
        CompletableFuture<Void> fence = new CompletableFuture<>();
        if (holdsFences) {
            fences.addLast(fence);
        } else {
            fence.complete(null);
        }
        notifyAll();
        return fence;
    }

    @Override
    public synchronized boolean isCurrent() {
        checkBroken();
        return isCurrent;
    }

    /** Says from now on that reads need no fence, or that they do. */
    synchronized void current(boolean current) {
        isCurrent = current;
    }

    @Override
    public synchronized long term() {
        checkBroken();
        return term;
    }

    @Override
    public synchronized long applied() {
        checkBroken();
        return applied;
    }

    /** Of the newest entry; those before are everywhere. */
    @Override
    public synchronized int copies(long position) {
        countCount++;
        notifyAll();
        return position < applied ? Integer.MAX_VALUE : copies;
    }

    /** From now on so many other nodes have the newest entry; -1 if this node does not lead any more. */
    synchronized void copied(int count) {
        copies = count;
    }

    synchronized void awaitCounts(int more) throws InterruptedException {
        int wanted = countCount + more;
        while (countCount < wanted) {
            wait();
        }
    }

    synchronized void nextTerm() {
        term++;
    }

    /** From now on entries stay in the log until they are applied. */
    synchronized void hold() {
        holds = true;
    }

    synchronized void applyHeld() {
        holds = false;
        while (!held.isEmpty()) {
            apply(held.removeFirst());
        }
    }

    /** From now on this becomes of every entry; null for what becomes of it usually. */
    synchronized void fail(Proposal.Outcome outcome) {
        failure = outcome;
    }

    /** From now on every method throws this; null for none. */
    synchronized void breakDown(RuntimeException failure) {
        broken = failure;
    }

    private void checkBroken() {
        if (broken != null) {
            throw broken;
        }
    }

    synchronized void holdFences() {
        holdsFences = true;
    }

    /** @param holding whether the node leads */
    synchronized void releaseFences(boolean holding) {
        holdsFences = false;
        for (CompletableFuture<Void> fence = fences.poll(); fence != null; fence = fences.poll()) {
            if (holding) {
                fence.complete(null);
            } else {
                fence.completeExceptionally(new IllegalStateException("another node leads"));
            }
        }
    }

    /** Waits until so many entries were proposed. */
    synchronized List<Proposal> awaitProposed(int count) throws InterruptedException {
        while (proposed.size() < count) {
            wait();
        }
        return List.copyOf(proposed);
    }

    /** Waits until so many fences were asked for. */
    synchronized void awaitFences(int count) throws InterruptedException {
        while (fenceCount < count) {
            wait();
        }
    }

    synchronized int fenceCount() {
        return fenceCount;
    }

    @Override
    public synchronized void close() {
        executor.close();
    }
}
