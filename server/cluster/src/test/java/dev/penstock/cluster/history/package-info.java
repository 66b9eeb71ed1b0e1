/** Histories of clients, and whether they are linearizable. */
@NullMarked
package dev.penstock.cluster.history;

import org.jspecify.annotations.NullMarked;
