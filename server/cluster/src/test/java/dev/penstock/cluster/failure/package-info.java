/** Nodes in processes of their own, which are killed, paused and cut off while clients write down what they see. */
@NullMarked
package dev.penstock.cluster.failure;

import org.jspecify.annotations.NullMarked;
