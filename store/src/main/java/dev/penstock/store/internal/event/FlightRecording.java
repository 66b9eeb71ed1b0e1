package dev.penstock.store.internal.event;

import jdk.jfr.FlightRecorder;

/**
 * Whether the Flight Recorder has been started in this process. Before, no event is worth making, and the first to be
 * made would load a hundred classes of the recorder: longer than opening a store takes.
 */
public final class FlightRecording {

    private FlightRecording() {}

    public static boolean isOn() {
        return FlightRecorder.isInitialized();
    }
}
