/**
 * The settings of a running server. Start at {@link dev.penstock.server.config.Settings}.
 */
package dev.penstock.server.config;
