/**
 * Who may do what. Start at {@link dev.penstock.server.acl.Users}.
 */
package dev.penstock.server.acl;
