package dev.penstock.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * The release of Penstock that is on the class path, as its build wrote it into the jar. Immutable.
 *
 * @param version of the release, such as {@code 0.1.0}
 * @param commit that was built; empty if the build did not know it
 * @param sources date and time of the sources, as in {@code 2026-01-31T12:00:00Z}
 */
public record Release(String version, String commit, String sources) {

    private static final String RESOURCE = "release.properties";

    /**
     * Reads the release of this library. Thread-safe; each call reads the jar.
     *
     * @return the release
     * @throws IllegalStateException if the jar does not have what the build writes into it
     */
    public static Release current() {
        Properties properties = new Properties();
        try (InputStream resource = Release.class.getResourceAsStream(RESOURCE)) {
            if (resource != null) {
                properties.load(resource);
            }
        } catch (IOException e) {
            throw new IllegalStateException(RESOURCE + " in the jar of the store cannot be read", e);
        }
        return new Release(
                property(properties, "version"), property(properties, "commit"), property(properties, "sources"));
    }

    private static String property(Properties properties, String name) {
        String value = properties.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(RESOURCE + " in the jar of the store has no " + name);
        }
        return value;
    }
}
