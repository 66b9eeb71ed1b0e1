/**
 * A disk in memory that knows what a power cut could leave of it: begin with
 * {@link dev.penstock.store.simulation.SimulatedDisk}.
 */
package dev.penstock.store.simulation;
