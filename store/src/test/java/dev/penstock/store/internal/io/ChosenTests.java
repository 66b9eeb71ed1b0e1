package dev.penstock.store.internal.io;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the test classes that are named as arguments. Exits with 1 if one fails, or if there is nothing to run. */
final class ChosenTests {

    private ChosenTests() {}

    public static void main(String[] names) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(Stream.of(names)
                                        .map(name -> selectClass(name))
                                        .toList())
                                .build(),
                        listener);
        listener.getSummary().printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        boolean passed = listener.getSummary().getTotalFailureCount() == 0
                && listener.getSummary().getTestsSucceededCount() >= names.length;
        System.out.println(listener.getSummary().getTestsSucceededCount() + " passed");
        System.exit(passed ? 0 : 1);
    }
}
