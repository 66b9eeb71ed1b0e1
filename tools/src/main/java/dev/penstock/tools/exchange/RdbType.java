package dev.penstock.tools.exchange;

import com.google.errorprone.annotations.Immutable;
import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.rdb.RdbValueVisitor;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbValueVisitor;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The types of an RDB file that are no strings, each with the library's method that skips a value of it. */
enum RdbType {
    LIST(Constants.RDB_TYPE_LIST, "list", RdbValueVisitor::applyList),
    SET(Constants.RDB_TYPE_SET, "set", RdbValueVisitor::applySet),
    SORTED_SET(Constants.RDB_TYPE_ZSET, "sorted set", RdbValueVisitor::applyZSet),
    HASH(Constants.RDB_TYPE_HASH, "hash", RdbValueVisitor::applyHash),
    SORTED_SET_2(Constants.RDB_TYPE_ZSET_2, "sorted set", RdbValueVisitor::applyZSet2),
    MODULE_2(Constants.RDB_TYPE_MODULE_2, "module value", RdbValueVisitor::applyModule2),
    HASH_ZIPMAP(Constants.RDB_TYPE_HASH_ZIPMAP, "hash", RdbValueVisitor::applyHashZipMap),
    LIST_ZIPLIST(Constants.RDB_TYPE_LIST_ZIPLIST, "list", RdbValueVisitor::applyListZipList),
    SET_INTSET(Constants.RDB_TYPE_SET_INTSET, "set", RdbValueVisitor::applySetIntSet),
    SORTED_SET_ZIPLIST(Constants.RDB_TYPE_ZSET_ZIPLIST, "sorted set", RdbValueVisitor::applyZSetZipList),
    HASH_ZIPLIST(Constants.RDB_TYPE_HASH_ZIPLIST, "hash", RdbValueVisitor::applyHashZipList),
    LIST_QUICKLIST(Constants.RDB_TYPE_LIST_QUICKLIST, "list", RdbValueVisitor::applyListQuickList),
    STREAM(Constants.RDB_TYPE_STREAM_LISTPACKS, "stream", RdbValueVisitor::applyStreamListPacks),
    HASH_LISTPACK(Constants.RDB_TYPE_HASH_LISTPACK, "hash", RdbValueVisitor::applyHashListPack),
    SORTED_SET_LISTPACK(Constants.RDB_TYPE_ZSET_LISTPACK, "sorted set", RdbValueVisitor::applyZSetListPack),
    LIST_QUICKLIST_2(Constants.RDB_TYPE_LIST_QUICKLIST_2, "list", RdbValueVisitor::applyListQuickList2),
    STREAM_2(Constants.RDB_TYPE_STREAM_LISTPACKS_2, "stream", RdbValueVisitor::applyStreamListPacks2),
    SET_LISTPACK(Constants.RDB_TYPE_SET_LISTPACK, "set", RdbValueVisitor::applySetListPack),
    STREAM_3(Constants.RDB_TYPE_STREAM_LISTPACKS_3, "stream", RdbValueVisitor::applyStreamListPacks3),
    HASH_METADATA(Constants.RDB_TYPE_HASH_METADATA, "hash", RdbValueVisitor::applyHashMetadata),
    HASH_LISTPACK_EX(Constants.RDB_TYPE_HASH_LISTPACK_EX, "hash", RdbValueVisitor::applyHashListPackEx);

    @Immutable
    @FunctionalInterface
    private interface Skip {
        Object apply(RdbValueVisitor values, RedisInputStream in, int version) throws IOException;
    }

    private final int code;
    private final String label;
    private final Skip skip;

    RdbType(int code, String label, Skip skip) {
        this.code = code;
        this.label = label;
        this.skip = skip;
    }

    /** The type that a byte of the file stands for; null if it stands for none that can be skipped. */
    static @Nullable RdbType of(int code) {
        return Arrays.stream(values())
                .filter(type -> type.code == code)
                .findFirst()
                .orElse(null);
    }

    /** What Redis calls it. */
    String label() {
        return label;
    }

    /**
     * Goes past a value.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    void skip(RdbInput in, int version) throws IOException {
        try {
            skip.apply(new SkipRdbValueVisitor(null), in, version);
        } catch (AssertionError e) {
            // So the library says that a byte is none of those that may be there.
            throw new IllegalArgumentException("a " + label + " is damaged: " + e.getMessage(), e);
        }
    }
}
