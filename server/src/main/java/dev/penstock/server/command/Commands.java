package dev.penstock.server.command;

import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.Node;
import java.util.stream.Collectors;

/** The commands that the server has. A new one is a method and an entry in the {@code register} of its group. */
public final class Commands {

    private Commands() {}

    /** What executes the commands on one event loop. */
    public static Dispatcher dispatcher(Node node) {
        CommandTable table = new CommandTable();
        Dispatcher dispatcher = new Dispatcher(node, table);
        new ConnectionCommands(node).register(table);
        new ClientCommands(node).register(table);
        new StringCommands(node).register(table);
        new PartCommands(node).register(table);
        new CounterCommands().register(table);
        LcsCommand.register(table, node);
        new KeyCommands(node).register(table);
        new ScanCommands(node).register(table);
        new ExpiryCommands(node).register(table);
        new ObjectCommands().register(table);
        ClusterCommands.register(table);
        new ServerCommands(node).register(table);
        new ConfigCommands(node).register(table);
        new SlowLogCommands(node).register(table);
        new TransactionCommands(node, dispatcher).register(table);
        new IntrospectionCommands(node, table).register(table);
        new AclCommands(node, table).register(table);
        node.hub().users().check(table::knows);
        node.statistics()
                .commandUse(table.withSubcommands().collect(Collectors.toMap(Command::fullName, Command::use)));
        return dispatcher;
    }
}
