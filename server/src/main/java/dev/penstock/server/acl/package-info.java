/**
 * Who may do what. {@link dev.penstock.server.acl.Users} reads the users file, or makes the one user that there is
 * without it, and finds a user by name and password. A {@link dev.penstock.server.acl.User} says whether it may run a
 * command; {@link dev.penstock.server.acl.RestrictedCommand} is what it asks of the command. A {@link
 * dev.penstock.server.acl.KeyCheck} compares the keys of a request with the user's patterns, some per turn.
 *
 * <p>Start at {@link dev.penstock.server.acl.Users}. The dispatcher asks a session's user before each command; AUTH and
 * HELLO look users up; ACL shows them. A user with all rights costs one test of two booleans.
 *
 * <p>{@link dev.penstock.server.acl.Credentials} are what a request by HTTP shows of a user. {@link
 * dev.penstock.server.acl.PasswordFile} reads the password of the default user from a file.
 *
 * <p>Users are immutable once the file is read, so any thread may ask, without a lock. What is decided about a command
 * is remembered in a concurrent map. Passwords are kept as digests, and compared in constant time.
 *
 * <p>Sessions and commands use this package. It knows the protocol's requests and patterns and the turn that is spent,
 * and nothing of commands beyond the interface.
 */
@NullMarked
package dev.penstock.server.acl;

import org.jspecify.annotations.NullMarked;
