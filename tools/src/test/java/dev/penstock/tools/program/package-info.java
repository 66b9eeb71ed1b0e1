/**
 * The program as a whole, as users start it: by the launcher, from the package, in a process of its own, as a node of a
 * cluster. Many start processes, so most are integration tests.
 */
package dev.penstock.tools.program;
