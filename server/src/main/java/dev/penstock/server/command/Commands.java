package dev.penstock.server.command;

import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import java.util.stream.Collectors;

/** All commands of the server. A new one is a method and an entry in the {@code register} of its group. */
public final class Commands {

    private Commands() {}

    /** What executes the commands on one event loop. */
    public static Dispatcher dispatcher(LoopContext loop) {
        CommandTable table = new CommandTable();
        Dispatcher dispatcher = new Dispatcher(loop, table);
        new ConnectionCommands(loop).register(table);
        new ClientCommands(loop).register(table);
        new StringCommands(loop).register(table);
        new RangeCommands(loop).register(table);
        new CounterCommands().register(table);
        LcsCommand.register(table, loop);
        new KeyCommands(loop).register(table);
        new ScanCommands(loop).register(table);
        new ExpiryCommands(loop).register(table);
        new ObjectCommands().register(table);
        new ClusterCommands(loop).register(table);
        new ServerCommands(loop).register(table);
        new ConfigCommands(loop).register(table);
        new SlowLogCommands(loop).register(table);
        new TransactionCommands(loop, dispatcher).register(table);
        new IntrospectionCommands(loop, table).register(table);
        new AclCommands(loop, table).register(table);
        loop.server().users().check(table::knows);
        loop.metrics()
                .commandMetrics(table.withSubcommands().collect(Collectors.toMap(Command::fullName, Command::metrics)));
        return dispatcher;
    }
}
