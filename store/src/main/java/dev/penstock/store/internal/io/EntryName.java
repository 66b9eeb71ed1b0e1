package dev.penstock.store.internal.io;

/** The name of an entry of a directory, and no way out of the directory. */
final class EntryName {

    private EntryName() {}

    /** @throws IllegalArgumentException if a system could take the name for a path */
    static String checked(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a file in a directory");
        }
        return name;
    }
}
