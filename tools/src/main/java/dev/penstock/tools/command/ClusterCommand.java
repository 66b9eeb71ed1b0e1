package dev.penstock.tools.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code penstock cluster}: names the subcommands that make, run and show a cluster. */
@Command(
        name = "cluster",
        description = {
            "Run a cluster: several servers that have the same keys, and go on when one of them is lost.",
            "'start' runs all nodes on this machine, to try it out. On several machines, 'init' makes each node's "
                    + "directory once, and 'node' runs it."
        },
        footer = {
            "  penstock cluster start data",
            "  penstock cluster init data --name a --peers a=10.0.0.1:6380,b=10.0.0.2:6380,c=10.0.0.3:6380",
            "  penstock cluster node data",
            "  penstock cluster status 10.0.0.1:6380"
        })
final class ClusterCommand {

    /** The command with its subcommands. */
    static CommandLine model() {
        return new CommandLine(new ClusterCommand())
                .addSubcommand("start", new ClusterStartCommand())
                .addSubcommand("init", new ClusterInitCommand())
                .addSubcommand("node", new CommandLine(new ClusterNodeCommand()))
                .addSubcommand("status", new ClusterStatusCommand());
    }
}
