package dev.penstock.tools.client;

import java.util.LinkedHashMap;
import java.util.Map;

/** The parsed text of INFO. */
public final class ServerInfo {

    private ServerInfo() {}

    /** The lines by name, in their order; headings and what is no line of INFO are left out. */
    public static Map<String, String> parse(String text) {
        Map<String, String> lines = new LinkedHashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return lines;
    }

    /** What the server calls itself and the version of Redis whose replies it gives, such as "redis 7.0.15". */
    public static String product(Map<String, String> info) {
        String name = info.getOrDefault("server_name", "redis");
        String version = info.getOrDefault("redis_version", "?");
        return name.equals("redis") ? "redis " + version : name + " (as redis " + version + ")";
    }
}
