package dev.penstock.tools.exchange;

import dev.penstock.tools.client.ServerAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server to import from, as {@code redis://HOST:PORT/DB}.
 *
 * @param address where it listens
 * @param database the number of the database; -1 if the URL names none
 * @param isSecure whether it is to be spoken to by TLS, as {@code rediss://} says
 */
public record RedisUrl(ServerAddress address, long database, boolean isSecure) {

    private static final String USUAL_PORT = "6379";
    private static final Pattern URL =
            Pattern.compile("redis(s?)://(\\[[^]]+]|[^:/@?]+)(?::([0-9]{1,5}))?(?:/([0-9]{1,9})?)?");

    /** Whether a text is meant to be one. */
    public static boolean isUrl(String text) {
        return text.startsWith("redis://") || text.startsWith("rediss://");
    }

    /**
     * Parses a URL.
     *
     * @throws IllegalArgumentException if it is none, or has a password, which other users of the machine could see
     */
    public static RedisUrl parse(String text) {
        if (text.contains("@")) {
            throw new IllegalArgumentException(
                    "a password on the command line can be seen by others; use --user, and --password-file or "
                            + "REDISCLI_AUTH, in place of what is before the @");
        }
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not redis://HOST:PORT or redis://HOST:PORT/DB");
        }
        String port = url.group(3) == null ? USUAL_PORT : url.group(3);
        String database = url.group(4);
        return new RedisUrl(
                ServerAddress.parse(url.group(2) + ":" + port),
                database == null ? -1 : Long.parseLong(database),
                !url.group(1).isEmpty());
    }

    /** The server and a database of it. */
    public String withDatabase(long number) {
        return "redis" + (isSecure ? "s" : "") + "://" + address + "/" + number;
    }
}
