package dev.penstock.store.simulation;

/** What a name leads to. */
sealed interface SimulatedNode permits SimulatedFile, SimulatedDirectory {}
