package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

class JavaOptionsTest {

  /**
   * What the launcher of Spark 4.1 adds and Tandem does without: a module in incubation that only
   * MLlib asks for, netty's pools and reflection, encrypted connections, and silence on JDK 24.
   */
  private static final Set<String> NOT_NEEDED =
      Set.of(
          "--add-modules=jdk.incubator.vector",
          "-Dio.netty.tryReflectionSetAccessible=true",
          "-Dio.netty.allocator.type=pooled",
          "-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE",
          "--enable-native-access=ALL-UNNAMED");

  @Test
  void areThoseOfSparksOwnLauncher() throws IOException {
    Path file = Path.of(System.getProperty("basedir", "")).resolve("../conf/spark-java.options");

    List<String> options =
        Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList();

    // Its first option makes the JVM accept misspelt ones.
    assertThat(Stream.concat(Stream.of("-XX:+IgnoreUnrecognizedVMOptions"), options.stream()))
        .containsExactlyElementsOf(
            Stream.of(JavaModuleOptions.defaultModuleOptions().split(" "))
                .filter(option -> !NOT_NEEDED.contains(option))
                .toList());
  }
}
