package dev.penstock.tools.client;

/**
 * The first line of a reply: all of it, or what says how much follows.
 *
 * @param kind {@code +} for a simple string, {@code -} for an error, {@code :} for a number, {@code $} for a bulk
 *     string and {@code *} for an array
 * @param text of a simple string or an error; empty for the other kinds
 * @param number a number itself, the length of a bulk string, or the count of an array; -1 for null
 */
public record RespHead(char kind, String text, long number) {

    /** Whether the server refused the request. */
    public boolean isError() {
        return kind == '-';
    }

    /** Whether it stands for nothing. */
    public boolean isNull() {
        return (kind == '$' || kind == '*') && number < 0;
    }
}
