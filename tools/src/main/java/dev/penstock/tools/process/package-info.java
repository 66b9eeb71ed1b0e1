/** What the program does with its own process. */
package dev.penstock.tools.process;
