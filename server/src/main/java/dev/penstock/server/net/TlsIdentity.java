package dev.penstock.server.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Who the server is to clients that use TLS: a certificate and its key, from files that are read again when they have
 * changed, so that a renewed certificate needs no restart. Files that make no sense, as while only one of them is
 * written, leave the identity as it was; they are tried again when they change once more.
 *
 * <p>Connections that are there keep the certificate they began with. Any thread.
 */
public final class TlsIdentity {

    private static final Logger LOG = System.getLogger(TlsIdentity.class.getName());
    private static final long LOOK_MILLIS = 1000;

    private final Path certificateFile;
    private final Path keyFile;

    @GuardedBy("this")
    private SSLContext context;

    @GuardedBy("this")
    private String stamp;

    @GuardedBy("this")
    private long lookedMillis = Long.MIN_VALUE / 2; // long before any time that is measured

    /** @throws IOException if the files cannot be used */
    public TlsIdentity(Path certificateFile, Path keyFile) throws IOException {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.stamp = stamp();
        this.context = load();
    }

    /** For a new connection. */
    synchronized SSLContext context(long nowMillis) {
        if (nowMillis - lookedMillis >= LOOK_MILLIS) {
            lookedMillis = nowMillis;
            reloadIfChanged();
        }
        return context;
    }

    @GuardedBy("this")
    private void reloadIfChanged() {
        try {
            String now = stamp();
            if (now.equals(stamp)) {
                return;
            }
            stamp = now;
            context = load();
            LOG.log(Level.INFO, "read the new certificate in {0}", certificateFile);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the certificate stays as it was: {0}", e.getMessage());
        }
    }

    /** Changes with the files. */
    private String stamp() throws IOException {
        StringBuilder stamp = new StringBuilder();
        for (Path file : new Path[] {certificateFile, keyFile}) {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            stamp.append(attributes.lastModifiedTime())
                    .append(attributes.size())
                    .append(attributes.fileKey());
        }
        return stamp.toString();
    }

    private SSLContext load() throws IOException {
        PemFiles files = PemFiles.read(certificateFile, keyFile);
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(files.keyStore(), PemFiles.password());
            SSLContext loaded = SSLContext.getInstance("TLS");
            loaded.init(keys.getKeyManagers(), null, null);
            return loaded;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + certificateFile + " and " + keyFile + ": " + e.getMessage(), e);
        }
    }
}
