package dev.penstock.server.acl;

import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name that clients authenticate with, and its rights: rules like those of Redis, of which the last one that applies
 * counts. A user begins with no rights. The decision about a command is cached. Immutable once read; any thread.
 */
public final class User {

    /** Rules of Redis for what is not here, or of no consequence. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of("&*", "allchannels", "resetchannels", "sanitize-payload", "skip-sanitize-payload");

    private final String name;
    private final List<Password> passwords = new ArrayList<>();
    private final List<String> patterns = new ArrayList<>();
    private final List<Glob> globs = new ArrayList<>();
    private final List<String> rules = new ArrayList<>();
    private final Map<RestrictedCommand, Boolean> decided = new ConcurrentHashMap<>();
    private boolean enabled;
    private boolean allKeys;
    private boolean allCommands;
    private boolean passwordNeeded = true;

    User(String name) {
        this.name = name;
    }

    /** The default user, with all rights. */
    static User unrestricted(String name) {
        User user = new User(name);
        List.of("on", "~*", "+@all").forEach(user::add);
        return user;
    }

    /** @throws IllegalArgumentException if there is no such rule */
    void add(String rule) {
        String text = rule.substring(1);
        switch (rule.charAt(0)) {
            case '~' -> addPattern(text);
            case '>' -> passwords.add(Password.of(text));
            case '#' -> passwords.add(Password.ofDigest(digest(text)));
            case '+', '-' -> addRule(rule.toLowerCase(Locale.ROOT));
            default -> set(rule.toLowerCase(Locale.ROOT));
        }
    }

    private void set(String word) {
        switch (word) {
            case "on" -> enabled = true;
            case "off" -> enabled = false;
            case "nopass" -> passwordNeeded = false;
            case "allkeys" -> addPattern("*");
            case "allcommands" -> addRule("+@all");
            case "nocommands" -> addRule("-@all");
            default -> {
                if (!WITHOUT_EFFECT.contains(word)) {
                    throw new IllegalArgumentException("there is no rule '" + word + "'");
                }
            }
        }
    }

    private void addPattern(String pattern) {
        allKeys |= pattern.equals("*");
        patterns.add(pattern);
        globs.add(new Glob(pattern.getBytes(StandardCharsets.UTF_8), false));
    }

    private void addRule(String rule) {
        if (rule.endsWith("@all")) {
            rules.clear(); // of all that was before
        }
        rules.add(rule);
        allCommands = rules.equals(List.of("+@all"));
    }

    private static byte[] digest(String hexadecimal) {
        if (!hexadecimal.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("after '#' come the 64 hexadecimal digits of a SHA-256 digest");
        }
        return HexFormat.of().parseHex(hexadecimal);
    }

    void add(Password password) {
        passwords.add(password);
    }

    void needsNoPassword() {
        passwordNeeded = false;
    }

    public String name() {
        return name;
    }

    /** Whether clients need show nothing to be this user. */
    boolean isOpen() {
        return enabled && !passwordNeeded;
    }

    /** Compares with every password, so that the time reveals nothing. */
    boolean admits(byte[] guess) {
        boolean right = !passwordNeeded;
        for (Password password : passwords) {
            right |= password.matches(guess);
        }
        return right && enabled;
    }

    /** The rules about commands, each with its sign. */
    List<String> rules() {
        return rules;
    }

    /** Whether there is nothing that this user must not do. */
    public boolean isUnrestricted() {
        return allCommands && allKeys;
    }

    public boolean mayRun(RestrictedCommand command) {
        Boolean known = decided.get(command);
        return known != null ? known : decided.computeIfAbsent(command, this::decide);
    }

    private boolean decide(RestrictedCommand command) {
        boolean allowed = false;
        for (String rule : rules) {
            if (concerns(rule.substring(1), command)) {
                allowed = rule.charAt(0) == '+';
            }
        }
        return allowed;
    }

    private static boolean concerns(String what, RestrictedCommand command) {
        if (what.charAt(0) == '@') {
            return what.equals("@all") || command.categories().contains(what.substring(1));
        }
        return what.equals(command.fullName()) || command.fullName().startsWith(what + "|");
    }

    /** Begins to check whether all keys that the request names are this user's. */
    public KeyCheck checkKeys(RestrictedCommand command, Request request) {
        return command.firstKey() == 0 || allKeys ? KeyCheck.permitted() : KeyCheck.of(globs, command, request);
    }

    /** Begins to check whether a key is this user's. */
    public KeyCheck checkKey(byte[] key) {
        return allKeys ? KeyCheck.permitted() : KeyCheck.of(globs, key);
    }

    /** As a line of a users file, with digests for passwords. */
    public String describe() {
        StringBuilder line = new StringBuilder("user ").append(name).append(enabled ? " on" : " off");
        if (!passwordNeeded) {
            line.append(" nopass");
        }
        passwords.forEach(password -> line.append(" #").append(password.hexadecimal()));
        patterns.forEach(pattern -> line.append(" ~").append(pattern));
        if (rules.isEmpty() || !rules.getFirst().endsWith("@all")) {
            line.append(" -@all");
        }
        rules.forEach(rule -> line.append(' ').append(rule));
        return line.toString();
    }
}
