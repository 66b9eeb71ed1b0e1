package dev.penstock.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for localhost that vouches for itself, in the files that the server and clients want. */
public final class TestCertificate {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path certificateFile;
    private final Path keyFile;
    private final Path keyStore;

    private TestCertificate(Path certificateFile, Path keyFile, Path keyStore) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.keyStore = keyStore;
    }

    /** @param algorithm of the key: EC, RSA or Ed25519 */
    public static TestCertificate make(Path folder, String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Path log = folder.resolve(name + ".log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "it",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1,ip:::1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool: " + Files.readString(log));
        }
        TestCertificate made = new TestCertificate(folder.resolve(name + ".crt"), folder.resolve(name + ".key"), store);
        KeyStore content = made.content();
        pem(made.certificateFile, "CERTIFICATE", content.getCertificate("it").getEncoded());
        pem(made.keyFile, "PRIVATE KEY", content.getKey("it", PASSWORD).getEncoded());
        return made;
    }

    private static void pem(Path file, String kind, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    private KeyStore content() throws GeneralSecurityException, IOException {
        KeyStore content = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            content.load(in, PASSWORD);
        }
        return content;
    }

    public Path certificateFile() {
        return certificateFile;
    }

    public Path keyFile() {
        return keyFile;
    }

    public Certificate certificate() throws GeneralSecurityException, IOException {
        return content().getCertificate("it");
    }

    public ServerOptions options() {
        return ServerOptions.defaults().withTls(new ServerOptions.Tls(0, certificateFile, keyFile));
    }

    /** Of a client that trusts this certificate and no other. */
    public SSLContext client() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("it", certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, trust.getTrustManagers(), null);
        return client;
    }
}
