package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.moilioncircle.redis.replicator.Constants;
import dev.penstock.tools.load.BadEntryException;
import dev.penstock.tools.load.EntryReader;
import dev.penstock.tools.load.IncomingValue;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Omissions;
import dev.penstock.tools.load.ShortBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The strings of one database of a Redis RDB file, with their expiries. A value passes through in pieces, also if it is
 * compressed. Everything else in the file, and each key of another database, is an omission. The checksum at the file's
 * end is compared; until then what was read may be damaged. One thread.
 */
public final class RdbReader extends EntryReader {

    /** The newest version of the format whose types are known: that of Redis 7.4 and 8.0. */
    static final int MAX_VERSION = Constants.RDB_VERSION;

    private static final int FIRST_VERSION_WITH_CHECKSUM = 5;
    private static final int MAX_AUX_LENGTH = 1 << 20;
    private static final byte[] MAGIC = "REDIS".getBytes(US_ASCII);
    private static final int VERSION_DIGITS = 4;

    private final RdbInput in;
    private final RdbStrings strings;
    private final LoadTarget target;
    private final long database;
    private final Omissions omissions;
    private int version;
    private long currentDatabase;

    /** @param database the number of the database whose keys are read */
    public RdbReader(InputStream in, LoadTarget target, long database, Omissions omissions) {
        this.in = new RdbInput(in);
        this.strings = new RdbStrings(this.in);
        this.target = target;
        this.database = database;
        this.omissions = omissions;
    }

    @Override
    public boolean next() throws IOException, BadEntryException {
        try {
            return read();
        } catch (EOFException e) {
            throw damaged("ends in the middle of the data", e);
        } catch (IllegalArgumentException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    private boolean read() throws IOException {
        dropValue();
        expiryMillis = NO_EXPIRY;
        if (version == 0) {
            readHeader();
        }
        while (true) {
            int code = in.read();
            switch (code) {
                case Constants.RDB_TYPE_STRING -> {
                    if (readString()) {
                        return true;
                    }
                    expiryMillis = NO_EXPIRY;
                }
                case Constants.RDB_OPCODE_EOF -> {
                    readEnd();
                    return false;
                }
                case Constants.RDB_OPCODE_SELECTDB -> currentDatabase = strings.length();
                case Constants.RDB_OPCODE_EXPIRETIME -> expiryMillis = expiry(in.readUInt(4) * 1000);
                case Constants.RDB_OPCODE_EXPIRETIME_MS -> expiryMillis = expiry(in.readLong(8));
                case Constants.RDB_OPCODE_FREQ -> in.read();
                case Constants.RDB_OPCODE_IDLE -> strings.length();
                case Constants.RDB_OPCODE_RESIZEDB -> skipLengths(2);
                case Constants.RDB_OPCODE_SLOT_INFO -> skipLengths(3);
                case Constants.RDB_OPCODE_AUX -> {
                    strings.string(new ShortBytes(MAX_AUX_LENGTH, "an auxiliary field"));
                    strings.string(new ShortBytes(MAX_AUX_LENGTH, "an auxiliary field"));
                }
                default -> omit(code);
            }
        }
    }

    private void readHeader() throws IOException {
        byte[] header = new byte[MAGIC.length + VERSION_DIGITS];
        try {
            in.read(header);
        } catch (EOFException e) {
            throw new IllegalArgumentException("is no RDB file: it has less than " + header.length + " bytes", e);
        }
        if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IllegalArgumentException("is no RDB file: it does not begin with REDIS");
        }
        String digits = new String(header, MAGIC.length, VERSION_DIGITS, US_ASCII);
        if (!digits.matches("[0-9]{4}") || digits.equals("0000")) {
            throw new IllegalArgumentException("has no version after REDIS");
        }
        version = Integer.parseInt(digits);
        if (version > MAX_VERSION) {
            throw new IllegalArgumentException(
                    "has version " + version + " of the format; versions up to " + MAX_VERSION + " can be read");
        }
    }

    /** What has no expiry says so by its absence; one before 1970 has expired like one in 1970. */
    private static long expiry(long millis) {
        return Math.max(millis, 1);
    }

    /** Reads a key and its string; false if it is left out. */
    private boolean readString() throws IOException {
        KeySink name = readKey();
        String reason = name.problem();
        if (reason == null && currentDatabase != database) {
            reason = "key of database " + currentDatabase;
        }
        if (reason != null) {
            omissions.add(reason, name.bytes());
            strings.string(RdbReader::drop);
            return false;
        }
        key = name.bytes();
        IncomingValue incoming = new IncomingValue(target);
        value = incoming;
        incoming.key(key);
        strings.string(incoming);
        return true;
    }

    private KeySink readKey() throws IOException {
        KeySink name = new KeySink();
        strings.string(name);
        return name;
    }

    /** Goes past what is no string. */
    private void omit(int code) throws IOException {
        expiryMillis = NO_EXPIRY;
        RdbType type = RdbType.of(code);
        if (type != null) {
            KeySink name = readKey();
            type.skip(in, version);
            omissions.add(type.label(), name.bytes());
            return;
        }
        switch (code) {
            case Constants.RDB_OPCODE_FUNCTION2 -> {
                strings.string(RdbReader::drop);
                omissions.add("function library", null);
            }
            case Constants.RDB_OPCODE_MODULE_AUX -> {
                RdbType.MODULE_2.skip(in, version);
                omissions.add("data of a module", null);
            }
            case Constants.RDB_TYPE_MODULE ->
                throw new IllegalArgumentException(
                        "has a value of a module in the form of pre-releases of Redis 4.0, which only that "
                                + "module can read");
            default -> throw new IllegalArgumentException("0x%02x is no type of a value".formatted(code));
        }
    }

    private void skipLengths(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            strings.length();
        }
    }

    private void readEnd() throws IOException {
        if (version >= FIRST_VERSION_WITH_CHECKSUM) {
            long computed = in.checksum();
            long stored = in.readLong(8);
            if (stored != 0 && stored != computed) {
                throw new IllegalArgumentException("the checksum at the file's end is not that of its bytes");
            }
        }
        if (!in.isAtEnd()) {
            throw new IllegalArgumentException(
                    "goes on after the end of the data; an append-only file with an RDB preamble is no RDB file");
        }
    }

    private static void drop(byte[] bytes, int from, int length) {}

    private BadEntryException damaged(@Nullable String problem, Exception cause) {
        return BadEntryException.last("offset " + in.offset(), String.valueOf(problem), cause);
    }

    @Override
    public BadEntryException bad(IllegalArgumentException problem) {
        return BadEntryException.last("offset " + in.offset(), String.valueOf(problem.getMessage()), problem);
    }
}
