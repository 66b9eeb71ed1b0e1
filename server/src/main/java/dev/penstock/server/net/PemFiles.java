package dev.penstock.server.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain and its private key, from files in PEM. Immutable. */
final class PemFiles {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    private final List<? extends Certificate> chain;
    private final PrivateKey key;

    private PemFiles(List<? extends Certificate> chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /** @throws IOException if a file cannot be read or does not hold what it should; it says which and why */
    static PemFiles read(Path certificateFile, Path keyFile) throws IOException {
        List<? extends Certificate> chain = chain(certificateFile);
        String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
        PemFiles files = new PemFiles(chain, key(keyFile, algorithm));
        if (!files.belongTogether()) {
            throw new IOException("the key in " + keyFile + " is not that of the certificate in " + certificateFile);
        }
        return files;
    }

    private static List<? extends Certificate> chain(Path file) throws IOException {
        try {
            CertificateFactory x509 = CertificateFactory.getInstance("X.509");
            List<? extends Certificate> chain =
                    List.copyOf(x509.generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))));
            if (chain.isEmpty()) {
                throw new IOException("there is no certificate in " + file);
            }
            return chain;
        } catch (CertificateException e) {
            throw new IOException("there is no certificate in PEM in " + file + ": " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file, String algorithm) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        Matcher matcher = KEY.matcher(text);
        if (!matcher.find()) {
            throw new IOException(
                    OTHER_KEY.matcher(text).find()
                            ? "the key in " + file + " is encrypted or of an old form; this makes it one that can be "
                                    + "read: openssl pkcs8 -topk8 -nocrypt -in " + file
                            : "there is no private key in PEM in " + file);
        }
        PKCS8EncodedKeySpec encoded;
        try {
            encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
        } catch (IllegalArgumentException e) {
            throw new IOException("the key in " + file + " is not in PEM: " + e.getMessage(), e);
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (InvalidKeySpecException e) {
            throw new IOException(
                    "the key in " + file + " is not a key of the kind " + algorithm + ", as the certificate requires",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates for keys of the kind " + algorithm + " cannot be used", e);
        }
    }

    private boolean belongTogether() {
        PublicKey certified = chain.getFirst().getPublicKey();
        if (key instanceof RSAKey secret && certified instanceof RSAKey open) {
            return secret.getModulus().equals(open.getModulus()); // whatever padding the key is restricted to
        }
        String kind = key.getAlgorithm();
        String algorithm = kind.equals("EC") ? "SHA256withECDSA" : kind;
        try {
            byte[] probe = {1, 2, 3};
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // keys of two kinds
        }
    }

    /** For a key manager. */
    KeyStore keyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(new Certificate[0]));
        return store;
    }

    static char[] password() {
        return NO_PASSWORD.clone();
    }
}
