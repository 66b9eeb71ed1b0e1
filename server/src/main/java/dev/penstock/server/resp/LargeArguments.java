package dev.penstock.server.resp;

/** Says which large arguments are to be streamed rather than collected in memory. */
@FunctionalInterface
public interface LargeArguments {

    /** Whether the argument that comes next may be streamed, given those before it. */
    boolean streams(Request request, int index);
}
