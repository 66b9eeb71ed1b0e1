/**
 * What holds for the source tree: documents and their links, the tables and the picture of packages, the rules of each
 * module, the public API and its Javadoc.
 */
package dev.penstock.tools.repository;
