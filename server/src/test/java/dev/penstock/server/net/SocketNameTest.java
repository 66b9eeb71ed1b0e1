package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses are written as inet_ntop writes them, and Redis after it. */
class SocketNameTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::1, [::1]",
        "::, [::]",
        "2001:db8:0:0:0:0:0:1, [2001:db8::1]",
        "2001:0db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]",
        "2001:db8:1:1:0:0:1:0, [2001:db8:1:1::1:0]",
        "1:0:0:2:0:0:0:3, [1:0:0:2::3]",
        "fe80:0:0:0:0:0:0:0, [fe80::]",
        "fe80::1%1, [fe80::1]",
        "0:0:1:2:3:4:5:6, [::1:2:3:4:5:6]",
        "1:2:3:4:5:6:0:0, [1:2:3:4:5:6::]",
        "::102:304, [::1.2.3.4]",
        "::ffff:1.2.3.4, 1.2.3.4",
        "64:ff9b::192.0.2.33, [64:ff9b::c000:221]",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]"
    })
    void hostsAreWrittenAsRedisWritesThem(String host, String text) throws IOException {
        assertEquals(text, SocketName.text(InetAddress.getByName(host)));
    }
}
