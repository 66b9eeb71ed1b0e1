package dev.penstock.server.replica;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.server.shard.WriteStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Random commands that write, few keys and mostly short values, so that they meet. Some entries change more than a
 * batch of the store should have.
 */
final class Histories {

    /** K, L: a key each; V: a value; N: a number; S: seconds; M: milliseconds. The name of a subcommand has a bar. */
    private static final List<String> COMMANDS = List.of(
            "set K V",
            "set K V",
            "set K V EX S",
            "set K V PX M",
            "set K V NX",
            "set K V XX GET",
            "set K V KEEPTTL",
            "set K N",
            "set K V NX PX M",
            "setnx K V",
            "setex K S V",
            "psetex K M V",
            "getset K V",
            "getdel K",
            "getex K PX M",
            "getex K PERSIST",
            "getex K",
            "mset K V L V",
            "msetnx K V L V",
            "append K V",
            "setrange K 3 V",
            "incr K",
            "decr K",
            "incrby K N",
            "decrby K N",
            "incrbyfloat K 1.25",
            "del K L",
            "unlink K",
            "rename K L",
            "renamenx K L",
            "copy K L",
            "copy K L REPLACE",
            "expire K S",
            "expire K -1",
            "expire K S GT",
            "pexpire K M",
            "pexpire K M NX",
            "expireat K 1000000100",
            "pexpireat K 1000000100000",
            "persist K",
            "flushall",
            "flushdb",
            "function flush");

    private static final String MAKE_LONG = "setrange K 700000 V";

    private static final List<String> LONG = List.of(
            "copy K L REPLACE",
            "copy K L REPLACE",
            "pexpire K M",
            "persist K",
            "append K V",
            "rename K L",
            "getex K PX M",
            "incr K",
            "set K 1 KEEPTTL",
            MAKE_LONG);

    private static final List<String> READS = List.of("get K", "ttl K", "exists K L", "strlen K", "mget K L", "ping");
    private static final int KEYS = 12;
    private static final int MOST_STEPS = 8;

    private final Random random;

    Histories(long seed) {
        this.random = new Random(seed);
    }

    /** The names of all commands that occur. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        COMMANDS.forEach(command -> names.add(command.split(" ", -1)[0]));
        names.remove("function");
        names.add("function|flush");
        return names;
    }

    List<WriteStep> entry() {
        List<WriteStep> steps = new ArrayList<>();
        if (chance(40)) {
            steps.add(new WriteStep(List.of(request(List.of(MAKE_LONG))), false, 2));
            for (int i = 20; i > 0; i--) {
                steps.add(step(LONG));
            }
            return steps;
        }
        for (int i = random.nextInt(MOST_STEPS); i >= 0; i--) {
            steps.add(step(COMMANDS));
        }
        return steps;
    }

    private WriteStep step(List<String> from) {
        int version = 2 + random.nextInt(2);
        if (random.nextInt(5) > 0) {
            return new WriteStep(List.of(request(from)), false, version);
        }
        List<List<byte[]>> commands = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            commands.add(request(random.nextInt(3) == 0 ? READS : from));
        }
        return new WriteStep(commands, true, version);
    }

    private List<byte[]> request(List<String> from) {
        String template = from.get(random.nextInt(from.size()));
        while (template.startsWith("flush") && random.nextInt(10) > 0) {
            template = from.get(random.nextInt(from.size()));
        }
        List<byte[]> request = new ArrayList<>();
        for (String word : template.split(" ", -1)) {
            request.add(argument(word).getBytes(ISO_8859_1));
        }
        return request;
    }

    private String argument(String word) {
        return switch (word) {
            case "K", "L" -> "{tag}" + random.nextInt(KEYS);
            case "V" -> random.nextInt(8) == 0 ? "v".repeat(random.nextInt(300)) : "v" + random.nextInt(100);
            case "N" -> Integer.toString(random.nextInt(1000) - 500);
            case "S" -> Integer.toString(1 + random.nextInt(20));
            case "M" -> Integer.toString(1 + random.nextInt(5000));
            default -> word;
        };
    }

    /** How long it takes until the next entry; negative where the leader's clock is behind. */
    long pauseMillis() {
        return random.nextInt(1500) - 200L;
    }

    boolean chance(int one) {
        return random.nextInt(one) == 0;
    }
}
