package dev.penstock.store;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JVM that a test runs in. */
public final class TestJvm {

    private TestJvm() {}

    /** The command of a child process that may make the same system calls as this one. */
    public static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr")); // standard output has the answers alone
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--enable-native-access")
                        || option.startsWith("--illegal-native-access")
                        || option.startsWith("-Dpenstock.portable"))
                .forEach(command::add);
        command.addAll(List.of(arguments));
        return command;
    }
}
