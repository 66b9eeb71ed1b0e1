/** Tests that the engines really do the same work, and that every benchmark runs. Nothing here measures. */
package dev.penstock.bench;
