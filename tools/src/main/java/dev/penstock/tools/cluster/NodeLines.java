package dev.penstock.tools.cluster;

/** What a node that is supervised prints for its supervisor, which adds the name of the node. */
public final class NodeLines {

    /** How the line begins that says that the node leads. */
    static final String LEADS = "leads";

    private NodeLines() {}

    /** The node serves clients. */
    public static String ready(Peer self) {
        return "serves " + self.address() + ", process "
                + ProcessHandle.current().pid();
    }

    /** The node leads. */
    public static String leads(long term) {
        return LEADS + ", term " + term;
    }
}
