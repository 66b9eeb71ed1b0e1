package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each collector gets the format that it likes best of those that there are, and none gets nothing. */
class MetricsFormatTest {

    private static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TEXT | ''",
                "TEXT | */*",
                "TEXT | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "TEXT | text/plain",
                "TEXT | text/*",
                "TEXT | application/json",
                "TEXT | application/openmetrics-text;version=2.0.0",
                "TEXT | application/openmetrics-text;q=0",
                "TEXT | application/openmetrics-text;q=0,*/*",
                "TEXT | application/openmetrics-text;q=0.5,text/plain;q=0.6",
                "TEXT | application/openmetrics-text;q=x",
                "TEXT | application/openmetrics-text;q=0.2;version=1.0.0,*/*;q=0.3",
                "TEXT | ;;;,,,=;q=;version",
                "TEXT | application/openmetrics-textual",
                "OPEN_METRICS | application/openmetrics-text",
                "OPEN_METRICS | Application/OpenMetrics-Text; Version=\"1.0.0\"; Q=0.3",
                "OPEN_METRICS | application/*",
                "OPEN_METRICS | text/plain;q=0,*/*",
                "OPEN_METRICS | text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.51",
                "OPEN_METRICS | application/openmetrics-text;version=0.0.1,*/*",
                "OPEN_METRICS | application/openmetrics-text; version=1.0.0; charset=utf-8"
            })
    void theOneThatIsLikedBest(String format, String accept) {
        assertEquals(MetricsFormat.valueOf(format.strip()), MetricsFormat.of(List.of(accept)));
    }

    /** What Prometheus 2 and 3 send, with native histograms and without. */
    @Test
    void collectorsThatPreferProtobufGetTheNextBest() {
        assertEquals(MetricsFormat.TEXT, MetricsFormat.of(List.of(PROTOBUF)));
        assertEquals(MetricsFormat.TEXT, MetricsFormat.of(null));
        assertEquals(
                MetricsFormat.OPEN_METRICS,
                MetricsFormat.of(List.of(PROTOBUF + ",application/openmetrics-text;version=1.0.0;q=0.8,"
                        + "application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")));
        assertEquals(
                MetricsFormat.OPEN_METRICS,
                MetricsFormat.of(List.of(
                        PROTOBUF + ";q=0.6",
                        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5",
                        "application/openmetrics-text;version=0.0.1;q=0.4",
                        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3",
                        "text/plain;version=0.0.4;q=0.2",
                        "*/*;q=0.1")));
        assertEquals(
                MetricsFormat.TEXT, MetricsFormat.of(List.of(PROTOBUF, "text/plain;version=0.0.4;q=0.3", "*/*;q=0.1")));
    }
}
