package dev.penstock.server.status;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The formats that there are for metrics, and which of them a collector gets: the one it likes best by its {@code
 * Accept} headers (RFC 9110, 12.5.1). A collector that accepts neither, such as one that knows Protocol Buffers alone,
 * gets the text, as HTTP allows, rather than an error.
 */
enum MetricsFormat {
    /** Prometheus's own. Versions differ in names in quotes, of which there are none here. */
    TEXT("text", "plain") {
        @Override
        ExpositionFormatWriter writer() {
            return FORMATS.getPrometheusTextFormatWriter();
        }

        @Override
        boolean hasVersion(String version) {
            return true;
        }
    },
    OPEN_METRICS("application", "openmetrics-text") {
        @Override
        ExpositionFormatWriter writer() {
            return FORMATS.getOpenMetricsTextFormatWriter();
        }

        @Override
        boolean hasVersion(String version) {
            return version.equals("1.0.0") || version.equals("0.0.1");
        }
    };

    private static final ExpositionFormats FORMATS = ExpositionFormats.init();
    private static final int NO_MATCH = -1;

    private final String type;
    private final String subtype;

    MetricsFormat(String type, String subtype) {
        this.type = type;
        this.subtype = subtype;
    }

    abstract ExpositionFormatWriter writer();

    abstract boolean hasVersion(String version);

    /** @param accept the collector's headers; null if there is none */
    static MetricsFormat of(List<String> accept) {
        if (accept == null) {
            return TEXT;
        }
        List<String> ranges =
                List.of(String.join(",", accept).toLowerCase(Locale.ROOT).split(",", -1));
        return OPEN_METRICS.weight(ranges) > TEXT.weight(ranges) || OPEN_METRICS.isNamedFirst(ranges)
                ? OPEN_METRICS
                : TEXT;
    }

    /** Between formats that are liked equally, one that is named goes before one that only a wildcard covers. */
    private boolean isNamedFirst(List<String> ranges) {
        double weight = weight(ranges);
        return weight > 0 && weight == TEXT.weight(ranges) && precision(ranges) > TEXT.precision(ranges);
    }

    /** How much it is liked, from 0, not at all, to 1; what the most precise range says that covers it counts. */
    private double weight(List<String> ranges) {
        int precise = NO_MATCH;
        double weight = 0;
        for (String range : ranges) {
            int precision = precision(range);
            double quality = quality(range);
            if (precision > precise || precision == precise && precision != NO_MATCH && quality > weight) {
                precise = precision;
                weight = quality;
            }
        }
        return weight;
    }

    private int precision(List<String> ranges) {
        return ranges.stream().mapToInt(this::precision).max().orElse(NO_MATCH);
    }

    private int precision(String range) {
        String[] parts = range.split(";", -1);
        String name = parts[0].strip();
        if (name.equals(type + "/" + subtype)) {
            String version = parameter(parts, "version");
            return version == null || hasVersion(version) ? 2 : NO_MATCH;
        }
        return name.equals(type + "/*") ? 1 : name.equals("*/*") ? 0 : NO_MATCH;
    }

    /** What cannot be read says nothing good about the format. */
    private static double quality(String range) {
        String quality = parameter(range.split(";", -1), "q");
        return quality == null ? 1 : quality.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(quality) : 0;
    }

    private static @Nullable String parameter(String[] parts, String name) {
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip();
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1).strip().replace("\"", "");
            }
        }
        return null;
    }
}
