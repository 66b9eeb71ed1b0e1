package dev.penstock.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names under which a server without a password answers. A web page of an attacker can have its own name resolve to
 * this machine (DNS rebinding), and the browser then takes the server for the page's origin. The browser still says the
 * name, so only names are accepted that an attacker cannot own: addresses, {@code localhost}, and what the server is
 * told to bind to. Immutable; any thread.
 */
public final class HostNames {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private final Set<String> names = new HashSet<>(Set.of("localhost"));

    /** @param bound the names or addresses that the server listens on */
    public HostNames(Collection<String> bound) {
        bound.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }

    boolean accepts(RequestHead head) {
        String authority = head.target().authority();
        String host = authority.isEmpty() ? head.field(HttpHeaderNames.HOST) : authority;
        return host == null || accepts(host);
    }

    /** @param authority the value of a {@code Host} field */
    public boolean accepts(String authority) {
        return isOurs(withoutPort(authority.strip()));
    }

    private boolean isOurs(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return names.contains(name) || name.endsWith(".localhost") || isAddress(name);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    /** IPv4 in dotted decimal, or IPv6 in brackets. No name that can be registered looks like either. */
    private static boolean isAddress(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return host.chars()
                    .skip(1)
                    .limit(host.length() - 2L)
                    .allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.');
        }
        return IPV4.matcher(host).matches();
    }
}
