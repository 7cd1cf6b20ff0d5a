package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.ConfigEntry;
import org.apache.spark.internal.config.package$;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files for spark-submit in {@code conf}: Spark knows every key and can read every value. */
class SparkDefaultsTest {

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu", "cluster", "standalone"})
  void haveKeysAndValuesOfSpark(String name) throws IOException {
    Properties properties = read(name);
    SparkConf conf = new SparkConf(false);
    properties.stringPropertyNames().forEach(key -> conf.set(key, properties.getProperty(key)));
    // The registry fills when this object is made.
    assertThat(package$.MODULE$.EXECUTOR_MEMORY().key()).isEqualTo("spark.executor.memory");

    assertThat(properties).isNotEmpty();
    for (String key : properties.stringPropertyNames()) {
      if (key.equals("spark.master")) {
        // the only one that Spark reads without registering it
        assertThat(properties.getProperty(key)).isEqualTo("local[1]");
      } else if (key.startsWith("spark.executorEnv.")) {
        assertThat(key).matches("spark\\.executorEnv\\.[A-Z0-9_]+");
      } else if (key.contains(".resource.")) {
        assertThat(key)
            .matches("spark\\.(executor|task)\\.resource\\.gpu\\.(amount|discoveryScript|vendor)");
      } else {
        ConfigEntry<?> entry = ConfigEntry.findEntry(key);
        assertThat(entry).as(key).isNotNull();
        assertThat(conf.get(entry)).as(key).isNotNull();
      }
    }
  }

  /** Kernels use all cores of a task, and a second task would need the models' memory again. */
  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cluster", "standalone", "yarn", "kubernetes"})
  void giveAnExecutorOneTask(String name) throws IOException {
    Properties properties = read(name);

    assertThat(properties.getProperty("spark.task.cpus"))
        .isEqualTo(properties.getProperty("spark.executor.cores"));
    assertThat(properties.getProperty("spark.task.resource.gpu.amount"))
        .isEqualTo(properties.getProperty("spark.executor.resource.gpu.amount"));
  }

  /** Executors and the launcher take tensors from the C library in the same way. */
  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cluster", "standalone", "yarn", "kubernetes"})
  void giveAnExecutorTheAllocatorOfTheLauncher(String name) throws IOException {
    Properties properties = read(name);
    String launcher =
        Files.readString(Path.of(System.getProperty("basedir", "")).resolve("bin/tandem"));

    Map<String, String> allocator = new TreeMap<>();
    Matcher export = Pattern.compile("export (MALLOC_\\w+)=\\$\\{\\1:-(\\d+)}").matcher(launcher);
    while (export.find()) {
      allocator.put(export.group(1), export.group(2));
    }

    assertThat(allocator).hasSize(3);
    allocator.forEach(
        (variable, value) ->
            assertThat(properties).containsEntry("spark.executorEnv." + variable, value));
  }

  private static Properties read(String name) throws IOException {
    Path conf = Path.of(System.getProperty("basedir", "")).resolveSibling("conf");
    Properties properties = new Properties();
    try (Reader reader =
        Files.newBufferedReader(conf.resolve("spark-defaults-" + name + ".conf"))) {
      properties.load(reader);
    }
    return properties;
  }
}
