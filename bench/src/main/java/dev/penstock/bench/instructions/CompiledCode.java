package dev.penstock.bench.instructions;

import dev.penstock.bench.process.ChildJvm;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads from another JVM which methods the addresses of its compiled code belong to, by the JDK's own serviceability
 * agent. The other JVM stands still meanwhile. Exact if it runs with {@link #CHILD_JVM_ARGUMENTS}.
 *
 * <p>The agent's module exports nothing, so its classes are reached by reflection. It runs in a separate JVM: in the
 * parent of the other one, the thread that waits for a child's end takes the message that the child has stopped, for
 * which the agent then waits for ever.
 */
final class CompiledCode {

    private static final String MODULE = "jdk.hotspot.agent";

    private static final List<String> JVM_ARGUMENTS = List.of(
            "--add-modules=" + MODULE,
            "--add-exports=" + MODULE + "/sun.jvm.hotspot=ALL-UNNAMED",
            "--add-exports=" + MODULE + "/sun.jvm.hotspot.code=ALL-UNNAMED",
            "--add-exports=" + MODULE + "/sun.jvm.hotspot.debugger=ALL-UNNAMED",
            "--add-exports=" + MODULE + "/sun.jvm.hotspot.oops=ALL-UNNAMED",
            "--add-exports=" + MODULE + "/sun.jvm.hotspot.runtime=ALL-UNNAMED");

    /** With these the other JVM keeps which method each single instruction belongs to. */
    static final List<String> CHILD_JVM_ARGUMENTS =
            List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints");

    private static final String SEPARATOR = "\t";

    /** What an address outside of the code that the JVM generates belongs to. */
    static final String NATIVE = "(native code)";

    private CompiledCode() {}

    /** For each address the chain of methods, innermost first; one element for a stub or native code. */
    static Map<Long, List<String>> chains(long pid, Set<Long> addresses) throws IOException {
        Path file = Files.createTempFile("addresses", ".txt");
        try {
            Files.write(file, addresses.stream().map(String::valueOf).toList());
            Map<Long, List<String>> chains = new HashMap<>();
            try (ChildJvm agent =
                    new ChildJvm(JVM_ARGUMENTS, CompiledCode.class, Long.toString(pid), file.toString())) {
                for (String line : agent.lines()) {
                    List<String> fields = List.of(line.split(SEPARATOR, -1));
                    if (fields.size() > 1) {
                        chains.put(Long.parseLong(fields.getFirst()), fields.subList(1, fields.size()));
                    }
                }
            }
            return chains;
        } finally {
            Files.delete(file);
        }
    }

    /** @param args the process, and a file with one address on each line */
    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        Class<?> agentClass = Class.forName("sun.jvm.hotspot.HotSpotAgent");
        Object agent = agentClass.getConstructor().newInstance();
        call(agentClass, agent, "attach", int.class, Integer.parseInt(args[0]));
        try {
            for (String address : Files.readAllLines(Path.of(args[1]))) {
                System.out.println(address + SEPARATOR + String.join(SEPARATOR, chain(Long.parseLong(address))));
            }
        } finally {
            agentClass.getMethod("detach").invoke(agent);
        }
    }

    private static List<String> chain(long value) throws ReflectiveOperationException {
        Object vm =
                Class.forName("sun.jvm.hotspot.runtime.VM").getMethod("getVM").invoke(null);
        Class<?> addressClass = Class.forName("sun.jvm.hotspot.debugger.Address");
        Object debugger = get(vm, "getDebugger");
        Object address = call(
                Class.forName("sun.jvm.hotspot.debugger.Debugger"),
                debugger,
                "parseAddress",
                String.class,
                "0x" + Long.toHexString(value));
        Object cache = get(vm, "getCodeCache");
        if (!(boolean) call(cache.getClass(), cache, "contains", addressClass, address)) {
            return List.of(NATIVE);
        }
        Object blob = call(cache.getClass(), cache, "findBlobUnsafe", addressClass, address);
        Class<?> compiled = Class.forName("sun.jvm.hotspot.code.NMethod");
        if (!compiled.isInstance(blob)) {
            return List.of("(" + (blob == null ? "interpreter or unknown stub" : get(blob, "getName")) + ")");
        }
        List<String> chain = new ArrayList<>();
        if (call(compiled, blob, "getPCDescNearDbg", addressClass, address) != null) {
            for (Object scope = call(compiled, blob, "getScopeDescNearDbg", addressClass, address);
                    scope != null;
                    scope = get(scope, "sender")) {
                chain.add(name(get(scope, "getMethod")));
            }
        }
        return chain.isEmpty() ? List.of(name(get(blob, "getMethod"))) : chain;
    }

    private static String name(Object method) throws ReflectiveOperationException {
        String signature = (String) get(method, "externalNameAndSignature");
        String name = signature.substring(0, signature.indexOf('('));
        int beforeMethod = name.lastIndexOf('.');
        return name.substring(name.lastIndexOf('.', beforeMethod - 1) + 1);
    }

    private static Object get(Object target, String getter) throws ReflectiveOperationException {
        return target.getClass().getMethod(getter).invoke(target);
    }

    private static Object call(Class<?> type, Object target, String name, Class<?> parameter, Object argument)
            throws ReflectiveOperationException {
        Method method = type.getMethod(name, parameter);
        return method.invoke(target, argument);
    }
}
