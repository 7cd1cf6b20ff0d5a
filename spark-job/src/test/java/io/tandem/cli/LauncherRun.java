package io.tandem.cli;

import io.tandem.fault.Fault;
import io.tandem.fault.FaultFileSystem;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * A command in a JVM of its own, started as {@code bin/tandem} starts it when all is built, with
 * the file system {@code fault:} as well. Everything that it leaves is below one folder.
 */
final class LauncherRun {

  /**
   * What {@code bin/tandem} sets for the C library's allocator, as variables of the environment.
   */
  static final Map<String, String> ALLOCATOR =
      Map.of(
          "MALLOC_ARENA_MAX", "2",
          "MALLOC_MMAP_THRESHOLD_", "33554432",
          "MALLOC_TRIM_THRESHOLD_", "536870912");

  private static final Path TARGET =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");

  private final Path folder;
  private final Map<String, String> settings = new TreeMap<>();
  private final List<Path> more = new ArrayList<>();
  private String log = "off";

  private LauncherRun(Path folder, String master) {
    this.folder = folder;
    settings.put("spark.master", master);
  }

  /** Returns a run with tasks in the driver's JVM, two at a time. */
  static LauncherRun local(Path folder) {
    return new LauncherRun(folder, "local[2]");
  }

  /** Returns a run with two executors of one core each, in JVMs of their own. */
  static LauncherRun cluster(Path folder) {
    return new LauncherRun(folder, "local-cluster[2,1,2048]");
  }

  /** Sets a setting of Spark. */
  LauncherRun set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Lets {@code fault} happen to files of the scheme {@code fault:}. */
  LauncherRun with(Fault fault) {
    Configuration hadoop = new Configuration(false);
    FaultFileSystem.configure(hadoop, folder.resolve("steps"));
    fault.configure(hadoop);
    hadoop.forEach(setting -> set("spark.hadoop." + setting.getKey(), setting.getValue()));
    return this;
  }

  /** Adds the jars of this JVM whose names contain a regular expression. */
  LauncherRun jars(String names) {
    Pattern pattern = Pattern.compile(names);
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(entry -> pattern.matcher(entry.getFileName().toString()).find())
        .forEach(more::add);
    return this;
  }

  /** Writes Spark's own log, from {@code level} on, to standard error. */
  LauncherRun log(String level) {
    log = level;
    return this;
  }

  /** Starts the command. */
  SparkSubmitRun.Running start(List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    Path conf = TARGET.resolve("../../conf");
    command.add("@" + conf.resolve("spark-java.options"));
    // Short lives: what the second compiler and more collectors cost does not come back.
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Dai.djl.offline=true");
    command.add("-Dlog4j2.configurationFile=" + conf.resolve("log4j2.properties"));
    command.add("-Dtandem.spark.log=" + log);
    command.addAll(List.of("-cp", classPath(), "io.tandem.cli.Tandem"));
    command.addAll(args);
    command.add("--");
    settings.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    try {
      Path home = folder.resolve("spark-home");
      Files.createDirectories(home.resolve("jars"));
      Path out = folder.resolve("out");
      Path err = folder.resolve("err");
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      Map<String, String> environment = builder.environment();
      environment.putAll(ALLOCATOR);
      environment.putAll(
          Map.of(
              "SPARK_LOCAL_IP", "127.0.0.1",
              "SPARK_HOME", home.toString(),
              "SPARK_SCALA_VERSION", "2.12"));
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      return new SparkSubmitRun.Running(process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the command to its end. */
  Ran run(List<String> args) {
    try (SparkSubmitRun.Running running = start(args)) {
      return running.end();
    }
  }

  private String classPath() {
    try (Stream<Path> spark = Files.list(TARGET.resolve("spark"))) {
      List<Path> jars = new ArrayList<>(List.of(TARGET.resolve("tandem-spark-job.jar")));
      spark.sorted().forEach(jars::add);
      jars.add(faultJar());
      jars.addAll(more);
      return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path faultJar() throws IOException {
    Path jar = Files.createDirectories(folder).resolve("fault.jar");
    Path classes = TARGET.resolve("test-classes");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.list(classes.resolve("io/tandem/fault"))) {
      for (Path file : files.sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar;
  }
}
