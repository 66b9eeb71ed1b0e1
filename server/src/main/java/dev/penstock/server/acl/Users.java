package dev.penstock.server.acl;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The users and their rights: those of a file in the format of Redis's ACL files, one per line, and the user {@code
 * default} of clients that have not authenticated. If the file does not mention {@code default}, that user is off
 * unless it has a password. Immutable; any thread.
 */
public final class Users {

    public static final String DEFAULT = "default";

    private static final Password NOBODYS = Password.of("");

    private final Map<String, User> users = new TreeMap<>();
    private final Map<String, String> places = new HashMap<>();

    private Users() {}

    /** No users but {@code default}, which may do everything; the password is null if it needs none. */
    public static Users ofDefault(@Nullable String password) {
        Users users = new Users();
        User everybody = User.unrestricted(DEFAULT);
        if (password == null) {
            everybody.needsNoPassword();
        } else {
            everybody.add(Password.of(password));
        }
        users.users.put(DEFAULT, everybody);
        return users;
    }

    /**
     * @param password of {@code default}; null if it has none, or the file says
     * @throws IllegalArgumentException with file and line if a line is invalid
     */
    public static Users read(Path file, @Nullable String password) throws IOException {
        Users users = new Users();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not UTF-8 text", e);
        }
        for (int i = 0; i < lines.size(); i++) {
            users.add(lines.get(i).strip(), file + " line " + (i + 1) + ": ");
        }
        User everybody = users.users.get(DEFAULT);
        if (password != null && everybody != null) {
            throw new IllegalArgumentException(users.places.get(DEFAULT) + "'default' has a password from elsewhere");
        }
        if (password != null) {
            users.users.put(DEFAULT, ofDefault(password).users.get(DEFAULT));
        } else if (everybody == null) {
            User nobody = new User(DEFAULT);
            nobody.add("off");
            users.users.put(DEFAULT, nobody);
        }
        return users;
    }

    private void add(String line, String place) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        String[] words = line.split("\\s+", -1);
        if (words.length < 2 || !words[0].equals("user")) {
            throw new IllegalArgumentException(place + "a line is 'user NAME RULE ...'");
        }
        User user = new User(words[1]);
        for (int i = 2; i < words.length; i++) {
            try {
                user.add(words[i]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(place + e.getMessage(), e);
            }
        }
        if (users.putIfAbsent(user.name(), user) != null) {
            throw new IllegalArgumentException(place + "'" + user.name() + "' is there twice");
        }
        places.put(user.name(), place);
    }

    /**
     * Refuses rules about commands and categories that do not exist: a right that is misspelt must not go unnoticed.
     *
     * @param exists whether there is such a command, or a category if it begins with an at sign
     */
    public void check(Predicate<String> exists) {
        for (User user : users.values()) {
            for (String rule : user.rules()) {
                if (!exists.test(rule.substring(1))) {
                    throw new IllegalArgumentException(
                            places.get(user.name()) + "there is no command or category '" + rule.substring(1) + "'");
                }
            }
        }
    }

    /** Whether every client that can connect has access. */
    public boolean isOpen() {
        return users.values().stream().anyMatch(User::isOpen);
    }

    /** Who a client is that has just connected; null if it has to say so first. */
    public @Nullable User atFirst() {
        User everybody = users.get(DEFAULT);
        return everybody != null && everybody.isOpen() ? everybody : null;
    }

    /** Null if there is none of this name. */
    public @Nullable User named(String name) {
        return users.get(name);
    }

    /** For log lines. A name that does not exist is the client's word, and may be a password: it is not shown. */
    public String described(String name) {
        return users.containsKey(name) ? "user " + name : "a user that does not exist";
    }

    /** Whether being wrong is worth a delay: there is something to be guessed. */
    public boolean hasSecrets() {
        return users.values().stream().anyMatch(user -> !user.isOpen());
    }

    /** The user with this name and password, else null. The check takes as long for a user that does not exist. */
    public @Nullable User authenticate(String name, byte[] guess) {
        User user = users.get(name);
        if (user == null) {
            NOBODYS.matches(guess);
            return null;
        }
        return user.admits(guess) ? user : null;
    }

    public Collection<User> all() {
        return users.values();
    }
}
