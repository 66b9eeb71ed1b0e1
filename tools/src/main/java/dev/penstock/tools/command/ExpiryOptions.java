package dev.penstock.tools.command;

import dev.penstock.store.WriteOptions;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a stored entry expires. */
final class ExpiryOptions {

    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,18}");

    /** Later times have no common notation. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

    @Option(
            names = "--expires-in",
            paramLabel = "DURATION",
            description = "Let the entry expire after this time: a number with ms, s, m, h or d, as in 90s or 7d.")
    private @Nullable String duration;

    @Option(
            names = "--expires-at",
            paramLabel = "INSTANT",
            description = "Let the entry expire at this time: 2030-01-31T12:00:00Z, or milliseconds since 1970.")
    private @Nullable String instant;

    /** The expiry that the options ask for; none if there are none. */
    WriteOptions writeOptions() {
        if (duration != null && instant != null) {
            throw new ToolException(ExitCode.USAGE, "give either --expires-in or --expires-at, not both");
        }
        if (duration != null) {
            return WriteOptions.defaults().expiresIn(duration());
        }
        return instant == null
                ? WriteOptions.defaults()
                : WriteOptions.defaults().expiresAt(instant(instant));
    }

    private Duration duration() {
        Matcher amount = AMOUNT.matcher(duration);
        if (!amount.matches()) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "--expires-in needs a number with ms, s, m, h or d, as in 90s, not '" + duration + "'");
        }
        long number = Long.parseLong(amount.group(1));
        if (number == 0) {
            throw new ToolException(ExitCode.USAGE, "--expires-in must be more than 0, not " + duration);
        }
        Duration duration = Duration.of(
                number,
                switch (amount.group(2)) {
                    case "ms" -> ChronoUnit.MILLIS;
                    case "s" -> ChronoUnit.SECONDS;
                    case "m" -> ChronoUnit.MINUTES;
                    case "h" -> ChronoUnit.HOURS;
                    default -> ChronoUnit.DAYS;
                });
        if (duration.compareTo(Duration.between(Instant.now(), LAST)) > 0) {
            throw beyond("--expires-in", amount.group());
        }
        return duration;
    }

    private static ToolException beyond(String option, String given) {
        return new ToolException(ExitCode.USAGE, option + " must not be beyond the year 9999, as " + given + " is");
    }

    private static Instant instant(String given) {
        Instant parsed;
        try {
            parsed = MILLIS.matcher(given).matches()
                    ? Instant.ofEpochMilli(Long.parseLong(given))
                    : Instant.parse(given);
        } catch (DateTimeParseException e) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "--expires-at needs a time such as 2030-01-31T12:00:00Z, or milliseconds since 1970, not '" + given
                            + "'",
                    e);
        }
        if (!parsed.isAfter(Instant.now())) {
            throw new ToolException(ExitCode.USAGE, "--expires-at must be in the future, not " + given);
        }
        if (parsed.isAfter(LAST)) {
            throw beyond("--expires-at", given);
        }
        return parsed;
    }
}
