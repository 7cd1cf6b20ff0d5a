package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is in the jar for spark-submit, and what is not. */
class AllJarIT {

  private static final String CLASSES = "io/tandem/";

  @Test
  void holdsTandemsOwnClassesByteForByte() throws IOException {
    int compared = 0;
    try (JarFile all = open()) {
      TreeSet<String> own =
          all.stream()
              .map(JarEntry::getName)
              .filter(name -> name.startsWith(CLASSES) && !name.endsWith("/"))
              .collect(Collectors.toCollection(TreeSet::new));
      for (Path classes : List.of(module("spark-job"), module("udf"))) {
        try (Stream<Path> files = Files.walk(classes.resolve(CLASSES))) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            String name = classes.relativize(file).toString();
            assertThat(bytes(all, name)).as(name).isEqualTo(Files.readAllBytes(file));
            own.remove(name);
            compared++;
          }
        }
      }
      assertThat(own).as("classes that are only in the jar").isEmpty();
    }
    assertThat(compared).isGreaterThan(300);
  }

  @Test
  void holdsNothingThatSparkBringsAndNoNativesOfLibtorch() throws IOException {
    try (JarFile all = open()) {
      List<String> names = all.stream().map(JarEntry::getName).toList();

      assertThat(names)
          .noneMatch(
              name ->
                  name.matches(
                      "(org/apache/(spark|hadoop|logging|parquet|commons)|scala|org/slf4j|com/fasterxml|com/google)/.*"))
          .noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA|EC)"))
          .noneMatch(name -> name.startsWith("native/") || name.endsWith("module-info.class"));
      assertThat(names)
          .contains(
              "ai/djl/engine/Engine.class",
              "com/sun/jna/Native.class",
              "picocli/CommandLine.class",
              "com/typesafe/config/Config.class",
              "shaded/tandem/gson/Gson.class",
              "shaded/tandem/compress/archivers/zip/ZipFile.class",
              "jnilib/pytorch.properties",
              "pytorch-engine.properties",
              "ai/djl/engine/api.properties",
              "META-INF/LICENSE",
              "META-INF/NOTICE",
              "META-INF/NOTICE.txt",
              "META-INF/THIRD-PARTY.txt",
              "META-INF/AL2.0",
              "META-INF/LGPL2.1")
          .anyMatch(name -> name.matches("jnilib/linux-x86_64/cpu/.*djl_torch\\.so"))
          .anyMatch(name -> name.matches("jnilib/linux-x86_64/cu128/.*djl_torch\\.so"));
    }
  }

  @Test
  void namesItsServicesAndStandsAlone() throws IOException {
    try (JarFile all = open()) {
      assertThat(
              new String(
                  bytes(all, "META-INF/services/ai.djl.engine.EngineProvider"),
                  StandardCharsets.UTF_8))
          .contains("ai.djl.pytorch.engine.PtEngineProvider\n");
      assertThat(all.getManifest().getMainAttributes().getValue("Class-Path")).isNull();
      assertThat(all.getManifest().getMainAttributes().getValue("Main-Class"))
          .isEqualTo("io.tandem.cli.Tandem");
      assertThat(all.getManifest().getMainAttributes().getValue("Implementation-Version"))
          .isNotBlank();
    }
  }

  private static JarFile open() throws IOException {
    return new JarFile(SparkSubmitRun.ALL_JAR.toFile());
  }

  private static byte[] bytes(JarFile jar, String name) throws IOException {
    JarEntry entry = jar.getJarEntry(name);
    assertThat(entry).as(name).isNotNull();
    return jar.getInputStream(entry).readAllBytes();
  }

  private static Path module(String name) {
    return Path.of(System.getProperty("basedir", ""))
        .toAbsolutePath()
        .resolveSibling(name)
        .resolve("target/classes");
  }
}
