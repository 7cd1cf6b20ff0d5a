package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.internal.config.ConfigEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every setting of Spark in {@code conf/} is one that Spark registers, or of a family that it takes
 * as a whole: Spark itself never says that it does not know a key.
 */
class SparkKeysIT {

  /** Where Spark's modules register their settings when they are loaded. */
  private static final List<String> REGISTRIES =
      List.of(
          "org.apache.spark.internal.config.package$",
          "org.apache.spark.internal.config.Deploy$",
          "org.apache.spark.internal.config.History$",
          "org.apache.spark.internal.config.Network$",
          "org.apache.spark.internal.config.Status$",
          "org.apache.spark.internal.config.UI$",
          "org.apache.spark.internal.config.Worker$",
          "org.apache.spark.sql.internal.SQLConf$",
          "org.apache.spark.sql.internal.StaticSQLConf$",
          "org.apache.spark.deploy.yarn.config.package$",
          "org.apache.spark.deploy.k8s.Config$");

  /** Families whose members have names of the user: environment, resources, volumes, catalogs. */
  private static final Pattern FAMILY =
      Pattern.compile(
          "spark\\.(executorEnv\\.\\w+"
              + "|(executor|task|worker|driver)\\.resource\\.gpu\\.(amount|discoveryScript|vendor)"
              + "|kubernetes\\.(driver|executor)\\.volumes\\."
              + "(hostPath|persistentVolumeClaim|emptyDir|nfs)\\.\\w+\\.(mount|options)\\.\\w+"
              + "|sql\\.catalog\\.\\w+(\\.\\w[\\w-]*)*"
              + "|openlineage\\.transport\\.\\w+"
              + "|tandem\\.planAsInput"
              + "|metrics\\.conf\\..*)");

  private static final Pattern IN_PROPERTIES =
      Pattern.compile("(?m)^#?\\s*(spark\\.[\\w.-]+)\\s+\\S");
  private static final Pattern IN_TEXT =
      Pattern.compile("(?<![\\w.-])(spark\\.[\\w.-]*\\w)(?=[=:] ?\\S)");

  /** What Spark and Hadoop read without registering it. */
  private static final List<String> UNREGISTERED =
      List.of("spark.master", "spark.app.name", "spark.local.dir", "spark.hadoop.fs.s3a.endpoint");

  private static final Configuration HADOOP = new Configuration();

  @BeforeAll
  static void loadRegistries() throws ClassNotFoundException {
    for (String registry : REGISTRIES) {
      Class.forName(registry);
    }
    HADOOP.addResource("mapred-default.xml");
  }

  @Test
  void knowsWhatSparkDoesNotKnow() {
    assertThat(isKnown("spark.excludeOnFailure.enabled")).isTrue();
    assertThat(isKnown("spark.excludeOnFailures.enabled")).isFalse();
    assertThat(isKnown("spark.hadoop.fs.s3a.multipart.size")).isTrue();
    assertThat(isKnown("spark.hadoop.fs.s3a.multipart.seize")).isFalse();
  }

  @Test
  void everyKeyIsOneOfSparks() throws IOException {
    Map<String, TreeSet<String>> unknown = new TreeMap<>();
    int count = 0;
    for (Path file : files()) {
      for (String key : keys(file)) {
        count++;
        if (!isKnown(key)) {
          unknown.computeIfAbsent(file.getFileName().toString(), it -> new TreeSet<>()).add(key);
        }
      }
    }

    assertThat(unknown).isEmpty();
    assertThat(count).isGreaterThan(100);
  }

  private static boolean isKnown(String key) {
    if (UNREGISTERED.contains(key)) {
      return true;
    }
    if (key.startsWith("spark.hadoop.")) {
      return HADOOP.get(key.substring("spark.hadoop.".length())) != null;
    }
    return ConfigEntry.findEntry(key) != null || FAMILY.matcher(key).matches();
  }

  private static TreeSet<String> keys(Path file) throws IOException {
    TreeSet<String> keys = new TreeSet<>();
    String text = Files.readString(file);
    if (file.getFileName().toString().startsWith("spark-defaults-")) {
      Matcher matcher = IN_PROPERTIES.matcher(text);
      while (matcher.find()) {
        keys.add(matcher.group(1));
      }
    } else {
      Matcher matcher = IN_TEXT.matcher(text);
      while (matcher.find()) {
        keys.add(matcher.group(1));
      }
    }
    return keys;
  }

  private static List<Path> files() throws IOException {
    Path conf = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("../conf");
    try (Stream<Path> tree = Files.walk(conf)) {
      return tree.filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".options"))
          .filter(file -> !file.getFileName().toString().startsWith("log4j2"))
          .sorted()
          .toList();
    }
  }
}
