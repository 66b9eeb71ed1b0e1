package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dpkg installs the package, what it installs works, and dpkg removes it again. */
class DebianPackageIT {

    private static final Path PACKAGE =
            Staging.FILES.resolve("penstock_" + Staging.VERSION.replaceFirst("-", "~") + "_all.deb");

    @TempDir
    Path folder;

    @Test
    void whatIsInstalledWorks() throws Exception {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("var/lib/dpkg/updates"));
        Files.createDirectories(root.resolve("var/lib/dpkg/info"));
        Files.createFile(root.resolve("var/lib/dpkg/status"));
        dpkg(root, "--force-depends", "--install", PACKAGE.toString());
        assertTrue(Files.isSymbolicLink(root.resolve("usr/bin/penstock")));

        Installation installed =
                new Installation(List.of(root.resolve("usr/bin/penstock").toString()), folder);
        installed.worksOnTheCommandLine("data");
        installed.serves(
                "data", "--config", root.resolve("etc/penstock/penstock.conf").toString());
        installed.runsACluster("cluster");

        String unit = Files.readString(root.resolve("usr/lib/systemd/system/penstock.service"));
        assertTrue(unit.contains("\nExecStart=/usr/bin/penstock serve /var/lib/penstock "), unit);
        assertTrue(Files.size(root.resolve("usr/share/man/man1/penstock.1.gz")) > 0);
        assertTrue(Files.size(root.resolve("usr/share/bash-completion/completions/penstock")) > 0);

        dpkg(root, "--remove", "penstock");
        assertFalse(Files.exists(root.resolve("usr/share/penstock")));
        assertTrue(Files.exists(root.resolve("etc/penstock/penstock.conf")), "a removal keeps the configuration");
        dpkg(root, "--purge", "penstock");
        assertFalse(Files.exists(root.resolve("etc/penstock/penstock.conf")));
    }

    /** Only the owner of a machine may change a program that a service runs. */
    @Test
    void everyFileBelongsToRootAndIsForEverybodyToRead() throws Exception {
        List<String> listing = Staging.run(folder, "dpkg-deb", "--contents", PACKAGE.toString())
                .lines()
                .toList();
        assertTrue(listing.size() > 30, listing.toString());
        for (String line : listing) {
            assertTrue(line.contains(" root/root "), line);
            if (line.charAt(0) != 'l') {
                assertEquals("r", line.substring(7, 8), line);
                assertFalse(
                        PosixFilePermissions.fromString(line.substring(1, 10)).stream()
                                .anyMatch(permission -> permission.name().matches("(GROUP|OTHERS)_WRITE")),
                        line);
            }
        }
    }

    private void dpkg(Path root, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("dpkg", "--root=" + root, "--force-not-root", "--force-script-chrootless", "--log=/dev/null"));
        command.addAll(List.of(arguments));
        Staging.run(folder, command.toArray(String[]::new));
    }
}
