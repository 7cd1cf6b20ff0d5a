package io.tandem.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program that Spark's own {@code SparkSubmit} runs in a JVM beside this one, with the jar for
 * spark-submit and, by {@code --jars}, the natives.
 *
 * <p>No Spark is installed: its classes are the jars that the build collected, which executors of
 * {@code local-cluster} get by their class path. Everything listens on 127.0.0.1 and writes below
 * one folder.
 */
final class SparkSubmitRun {

  /** The jar of the build that goes to spark-submit. */
  static final Path ALL_JAR = target().resolve("tandem-spark-job-all.jar");

  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final Path folder;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<String> jars = new ArrayList<>(List.of(natives().toString()));
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String mainClass = "io.tandem.cli.Tandem";

  private SparkSubmitRun(Path folder, String master) {
    this.folder = folder;
    Path home = folder.resolve("spark-home");
    settings.put("spark.master", master);
    settings.put("spark.driver.host", "127.0.0.1");
    settings.put("spark.driver.bindAddress", "127.0.0.1");
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.local.dir", folder.resolve("scratch").toString());
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("SPARK_HOME", home.toString());
    environment.put("SPARK_SCALA_VERSION", "2.12");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.putAll(LauncherRun.ALLOCATOR);
    if (master.startsWith("local-cluster")) {
      settings.put("spark.executor.extraClassPath", sparkClassPath());
      // Jobs begin when all executors are there, so that each of them takes part.
      settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
      settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s");
    }
  }

  /** Returns a run whose tasks share the driver's JVM, two at a time. */
  static SparkSubmitRun local(Path folder) {
    return new SparkSubmitRun(folder, "local[2]");
  }

  /** Returns a run with two executors of one core each, in JVMs of their own. */
  static SparkSubmitRun cluster(Path folder) {
    return new SparkSubmitRun(folder, "local-cluster[2,1,2048]");
  }

  /** Sets a setting of Spark. */
  SparkSubmitRun set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Adds an option of spark-submit. */
  SparkSubmitRun option(String... words) {
    options.addAll(List.of(words));
    return this;
  }

  /** Sets an environment variable of the driver, which executors inherit. */
  SparkSubmitRun environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Takes the natives away again. */
  SparkSubmitRun withoutNatives() {
    jars.remove(natives().toString());
    return this;
  }

  /**
   * Runs {@code main}, a public class of the tests that a jar made here brings with its nested
   * ones.
   */
  SparkSubmitRun main(Class<?> main) {
    mainClass = main.getName();
    jars.add(jarOf(main).toString());
    return this;
  }

  /** Runs to the end; too long a run is killed, and fails the test. */
  Ran run(String... args) {
    try (Running running = start(args)) {
      return running.end();
    }
  }

  /** Starts and does not wait. */
  Running start(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add("@" + target().resolve("../../conf/spark-java.options"));
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"));
    command.add("-Djava.io.tmpdir=" + made(folder.resolve("tmp")));
    command.addAll(List.of("-cp", sparkClassPath(), "org.apache.spark.deploy.SparkSubmit"));
    settings.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    if (!jars.isEmpty()) {
      command.addAll(List.of("--jars", String.join(",", jars)));
    }
    command.addAll(options);
    command.addAll(List.of("--class", mainClass, ALL_JAR.toString()));
    command.addAll(List.of(args));
    made(folder.resolve("spark-home/jars"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(made(folder.resolve("here")));
    builder.environment().putAll(environment);
    Path out = folder.resolve("submit.out");
    Path err = folder.resolve("submit.err");
    try {
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      return new Running(process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what the executors of a {@code local-cluster} wrote to their standard outputs. */
  String executorLogs() {
    Path work = folder.resolve("spark-home/work");
    try (Stream<Path> files = Files.exists(work) ? Files.walk(work) : Stream.empty()) {
      return files
          .filter(file -> file.getFileName().toString().matches("stdout|stderr"))
          .sorted()
          .map(SparkSubmitRun::text)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A run that goes on; closing it ends its JVMs, those of executors too. */
  static final class Running implements AutoCloseable {

    private final Process process;
    private final Path out;
    private final Path err;

    Running(Process process, Path out, Path err) {
      this.process = process;
      this.out = out;
      this.err = err;
    }

    /** Returns the JVM of the driver. */
    Process driver() {
      return process;
    }

    /** Returns the JVMs of the executors that run now. */
    List<ProcessHandle> executors() {
      return process.descendants().filter(Running::isExecutor).toList();
    }

    /** Java itself shows no arguments of a program that has many. */
    private static boolean isExecutor(ProcessHandle process) {
      try {
        return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
            .contains("org.apache.spark.executor.CoarseGrainedExecutorBackend");
      } catch (IOException e) {
        return false; // it has ended
      }
    }

    /** Returns what was written to standard output so far. */
    String out() {
      return text(out);
    }

    /** Waits for the end. */
    Ran end() {
      try {
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
          throw new AssertionError(
              "SparkSubmit still ran after %s:%n%s%n%s"
                  .formatted(LONGEST, text(out), tail(text(err))));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
      return new Ran(process.exitValue(), text(out), text(err));
    }

    @Override
    public void close() {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(process.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 10_000));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static File made(Path folder) {
    try {
      return Files.createDirectories(folder).toFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an installed Spark would have in its folder {@code jars}. */
  private static String sparkClassPath() {
    List<Path> found = new ArrayList<>(jars("spark", ".*"));
    found.addAll(jars("lib", "(jackson|log4j|slf4j|commons)-.*"));
    found.addAll(
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(entry -> entry.getFileName().toString().startsWith("ivy-"))
            .toList());
    return found.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static Path natives() {
    return jars("lib", "pytorch-native-cpu-.*").get(0);
  }

  private static List<Path> jars(String folder, String name) {
    try (Stream<Path> files = Files.list(target().resolve(folder))) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "\\.jar"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path jarOf(Class<?> main) {
    String name = main.getName().replace('.', '/');
    Path jar = made(folder).toPath().resolve(main.getSimpleName() + ".jar");
    Path classes = target().resolve("test-classes");
    Path nested = classes.resolve(name).getParent();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.list(nested)) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().matches(main.getSimpleName() + "(\\$.*)?\\.class")) {
          out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
          Files.copy(file, out);
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path target() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");
  }
}
