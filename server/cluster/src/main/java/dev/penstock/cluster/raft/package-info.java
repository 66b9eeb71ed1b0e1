/**
 * The log of a group, by Apache Ratis. Nothing outside of this package names Ratis, so that it can be exchanged.
 *
 * <p>Start at {@link dev.penstock.cluster.raft.RaftNode}: it submits entries, and says when reads are safe.
 *
 * <table>
 * <caption>The classes</caption>
 * <tr><td>{@link dev.penstock.cluster.raft.RaftNode}</td><td>one replica of a group, from start to close</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.RaftSettings}, {@link dev.penstock.cluster.raft.RaftMember}</td>
 * <td>who is in the group, and how long an election takes</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.Replica}</td><td>what entries are applied to; its mark says how far it has
 * come</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.CommittedEntry}, {@link dev.penstock.cluster.raft.LogPosition}</td>
 * <td>an entry that is to be applied, and its place</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.SubmitOutcome}</td><td>applied, refused, or unknown</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.RaftListener}</td><td>is told of leaders, faults and the end</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.GroupStatus}, {@link dev.penstock.cluster.raft.MemberStatus}</td>
 * <td>what a node knows of its group</td></tr>
 * <tr><td>{@code ApplyQueue}</td><td>has entries applied in order, again and again where that fails</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.UnappliedEntryException}</td><td>why a node that cannot apply an entry has
 * stopped</td></tr>
 * <tr><td>{@link dev.penstock.cluster.raft.RepeatedTask}</td><td>a task of a timer, which comes again when it has
 * thrown</td></tr>
 * <tr><td>{@code Fences}, {@code ReadLease}</td><td>find out whether the node may answer for reads</td></tr>
 * <tr><td>{@code KeptLog}</td><td>how much of the log stays for replicas that were away</td></tr>
 * <tr><td>{@code GroupMachine}</td><td>the replica as Ratis sees it</td></tr>
 * <tr><td>{@code RatisServer}, {@code RatisProperties}, {@code RatisProcess}, {@link
 * dev.penstock.cluster.raft.UnrecordedMetrics}</td><td>Ratis itself, and what is set in it</td></tr>
 * </table>
 *
 * <p>Threads: Ratis has about a dozen for a group. A node adds one that appends what is submitted and one that tells
 * the listener; the replica applies on a thread of its own. Event loops call {@code submit} and {@code fence}, which do
 * not wait. The queue, the window, the fences and the lease have a lock each, which is held for a few instructions;
 * nothing is called under them.
 */
@NullMarked
package dev.penstock.cluster.raft;

import org.jspecify.annotations.NullMarked;
