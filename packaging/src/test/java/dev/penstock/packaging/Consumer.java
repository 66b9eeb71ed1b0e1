package dev.penstock.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Maven project that gets the libraries of Penstock from the staged repository alone, into a local repository of its
 * own. What the build of Penstock downloaded stands in for the network.
 *
 * @param folder of the project
 * @param work an empty folder for the settings and the local repository
 */
record Consumer(Path folder, Path work) {

    private static final String SETTINGS = """
            <settings>
              <mirrors>
                <mirror>
                  <id>downloaded</id>
                  <mirrorOf>*,!staging</mirrorOf>
                  <url>DOWNLOADED</url>
                </mirror>
              </mirrors>
              <profiles>
                <profile>
                  <id>staging</id>
                  <repositories>
                    <repository>
                      <id>staging</id>
                      <url>STAGING</url>
                    </repository>
                  </repositories>
                </profile>
              </profiles>
              <activeProfiles>
                <activeProfile>staging</activeProfile>
              </activeProfiles>
            </settings>
            """;

    /** Runs Maven, which must succeed. */
    void maven(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("mvn", "-B", "-ntp", "-q", "-s", settings()));
        command.add("-Dmaven.repo.local=" + work.resolve("repository"));
        command.addAll(List.of(arguments));
        Staging.run(folder, Map.of(), command);
    }

    private String settings() throws IOException {
        Path downloaded = Path.of(System.getProperty("penstock.repository"));
        return Files.writeString(
                        work.resolve("settings.xml"),
                        SETTINGS.replace("DOWNLOADED", downloaded.toUri().toString())
                                .replace("STAGING", Staging.MAVEN.toUri().toString()))
                .toString();
    }
}
