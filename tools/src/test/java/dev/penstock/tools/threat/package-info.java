/**
 * Accidents: damaged stores, full disks, closed outputs, killed imports, sources of unknown length. The program says
 * what happened in one line and loses nothing.
 */
package dev.penstock.tools.threat;
