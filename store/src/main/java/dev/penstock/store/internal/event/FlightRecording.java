package dev.penstock.store.internal.event;

import jdk.jfr.FlightRecorder;

/**
 * Whether the Flight Recorder has been started in this process. Before that, no event is created: the first one would
 * load a hundred classes of the recorder, which takes longer than opening a store.
 */
public final class FlightRecording {

    private FlightRecording() {}

    public static boolean isOn() {
        return FlightRecorder.isInitialized();
    }
}
