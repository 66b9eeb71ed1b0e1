package dev.penstock.server.acl;

import java.util.Set;

/**
 * The properties of a command that the rights of a {@link User} depend on. Equal only to itself: a user caches the
 * decision about it.
 */
public interface RestrictedCommand {

    /** With the container's name before it, as in {@code client|setname}. */
    String fullName();

    /** The categories that Redis's access lists know it by, without the at sign. */
    Set<String> categories();

    /** The first argument that is a key; 0 if none is. */
    int firstKey();

    /** The argument with the last key in a request of so many arguments. */
    int lastKey(int argumentCount);

    /** How many arguments there are from one key to the next. */
    int keyStep();
}
