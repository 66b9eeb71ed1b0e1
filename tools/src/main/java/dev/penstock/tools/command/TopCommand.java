package dev.penstock.tools.command;

import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.top.FollowerSource;
import dev.penstock.tools.top.ServerSource;
import dev.penstock.tools.top.TopFrame;
import dev.penstock.tools.top.TopScreen;
import dev.penstock.tools.top.TopSource;
import dev.penstock.tools.top.TopTable;
import dev.penstock.tools.top.TopTerminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock top}: what a server, or the writer of a store, is doing now. */
@Command(
        name = "top",
        customSynopsis = "penstock top [OPTION]... HOST:PORT|DIR",
        description = {
            "Show what a server is doing: requests, hits, transfers, compaction, commands, clients and slow commands. "
                    + "The server may be Penstock or Redis. For a store's directory it shows keys, space and segments, "
                    + "and works beside the process that writes.",
            "On a terminal it runs until q is pressed: p pauses, s sorts by the next column, + and - change the"
                    + " interval. Elsewhere it prints one interval, as with --once."
        },
        footer = {"  penstock top 127.0.0.1:6380", "  penstock top data --once"})
final class TopCommand implements Callable<Integer> {

    private static final int PLAIN_COLUMNS = 120;
    private static final double MIN_SECONDS = 0.1;
    private static final double MAX_SECONDS = 3600;

    @ParentCommand
    private RootCommand root;

    @Parameters(
            index = "0",
            paramLabel = "HOST:PORT|DIR",
            description = "Address of the server, path of its Unix domain socket, or a store's directory.")
    private String target;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Seconds between two refreshes. ${DEFAULT-VALUE} if not given.")
    private double interval;

    @Option(names = "--once", description = "Print the first interval and exit.")
    private boolean once;

    @Option(names = "--json", description = "Print a JSON object for each interval.")
    private boolean json;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(interval >= MIN_SECONDS && interval <= MAX_SECONDS)) {
            throw new ToolException(ExitCode.USAGE, "--interval must be from 0.1 to 3600 seconds, not " + interval);
        }
        try (TopSource source = source()) {
            if (json || once || !isTerminal()) {
                print(source);
            } else {
                try (TopTerminal terminal = TopTerminal.open(interval)) {
                    terminal.run(source);
                }
            }
        }
        return ExitCode.OK;
    }

    /** Whether this process reads from and writes to a terminal. JDK 25 has a null again where it does not. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    private TopSource source() throws IOException {
        Path directory = Path.of(target);
        if (Files.isDirectory(directory)) {
            return FollowerSource.open(directory);
        }
        ServerAddress address;
        try {
            address = ServerAddress.parse(target);
        } catch (IllegalArgumentException e) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "'" + target + "' is neither a directory that is there, nor HOST:PORT, nor the path of a Unix "
                            + "domain socket",
                    e);
        }
        return ServerSource.open(connection.access(address));
    }

    private void print(TopSource source) throws IOException, InterruptedException {
        source.next();
        do {
            TimeUnit.NANOSECONDS.sleep((long) (interval * 1e9));
            TopFrame frame = source.next();
            if (json) {
                Json.line(root.console(), json(frame));
            } else {
                for (String line : new TopScreen(PLAIN_COLUMNS, 0, -1, "").lines(frame)) {
                    root.console().line(line);
                }
            }
            root.console().flush();
        } while (json && !once);
    }

    private static Map<String, Object> json(TopFrame frame) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", frame.title());
        json.put("seconds", frame.seconds());
        frame.sections().forEach(section -> {
            Map<String, Object> figures = new LinkedHashMap<>();
            section.figures().forEach(figure -> figures.put(figure.name(), figure.value()));
            json.put(section.name(), figures);
        });
        for (TopTable table : frame.tables()) {
            List<Map<String, String>> rows = new ArrayList<>();
            for (List<String> row : table.rows()) {
                Map<String, String> cells = new LinkedHashMap<>();
                for (int i = 0; i < row.size(); i++) {
                    cells.put(table.columns().get(i).replace(">", ""), row.get(i));
                }
                rows.add(cells);
            }
            json.put(table.name(), rows);
        }
        return json;
    }
}
