package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

class JavaOptionsTest {

  @Test
  void areThoseOfSparksOwnLauncher() throws IOException {
    Path file = Path.of(System.getProperty("basedir", "")).resolve("../conf/spark-java.options");

    List<String> options =
        Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList();

    // Its first option makes the JVM accept misspelt ones.
    assertThat(Stream.concat(Stream.of("-XX:+IgnoreUnrecognizedVMOptions"), options.stream()))
        .containsExactly(JavaModuleOptions.defaultModuleOptions().split(" "));
  }
}
