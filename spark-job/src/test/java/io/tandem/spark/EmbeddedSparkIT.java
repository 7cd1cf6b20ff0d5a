package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedSparkIT {

  @TempDir Path scratch;

  @Test
  void keepsItsFilesInAPrivateFolderThatGoesWithIt() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (EmbeddedSpark spark = EmbeddedSpark.open(2)) {
        Path folder = Path.of(spark.session().conf().get("spark.local.dir")).getParent();
        shuffle(spark.session());
        spark.session().range(3).write().saveAsTable("kept");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
            .isEqualTo("rwx------");
        assertThat(entries(folder)).contains(folder.resolve("scratch"));
        assertThat(folder.resolve("warehouse/kept")).isDirectory();
        folders.add(folder);
      }
      assertThat(folders).allSatisfy(folder -> assertThat(folder).doesNotExist());
    }

    assertThat(Path.of("spark-warehouse")).doesNotExist();
    assertThat(Path.of("metastore_db")).doesNotExist();
  }

  @Test
  void listensOnThisMachineOnly() throws IOException {
    assumeThat(Path.of("/proc/self/net/tcp")).as("list of sockets of this process").exists();
    Set<String> before = listeners();

    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      shuffle(spark.session());
      Set<String> opened = listeners();
      opened.removeAll(before);

      assertThat(opened).isNotEmpty().allMatch(address -> address.startsWith("127.0.0.1:"));
    }
  }

  @Test
  void showsNoPageAndLogsNoEvents() {
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      assertThat(spark.session().sparkContext().uiWebUrl().isEmpty()).isTrue();
      assertThat(spark.session().sparkContext().isEventLogEnabled()).isFalse();
      assertThat(spark.session().sparkContext().master()).isEqualTo("local[1]");
    }
  }

  @Test
  void joinsTheSessionThatIsThereAndLeavesIt() throws IOException {
    SparkSession there =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.local.dir", scratch.toString())
            .getOrCreate();
    try (there) {
      try (EmbeddedSpark spark = EmbeddedSpark.open(3)) {
        assertThat(spark.session()).isSameAs(there);
      }

      assertThat(there.sparkContext().isStopped()).isFalse();
      assertThat(there.range(5).count()).isEqualTo(5);
    }
  }

  @Test
  void leavesTheSessionOfSparkSubmit() throws IOException {
    Map<String, String> submitted =
        Map.of(
            "SPARK_SUBMIT", "true",
            "spark.master", "local[1]",
            "spark.app.name", "submitted",
            "spark.ui.enabled", "false",
            "spark.local.dir", scratch.toString());
    submitted.forEach(System::setProperty);
    SparkSession session;
    try (EmbeddedSpark spark = EmbeddedSpark.open(3)) {
      session = spark.session();
    } finally {
      submitted.keySet().forEach(System::clearProperty);
    }

    try (session) {
      assertThat(session.sparkContext().isStopped()).isFalse();
      assertThat(session.sparkContext().appName()).isEqualTo("submitted");
      assertThat(session.sparkContext().master()).isEqualTo("local[1]");
    }
  }

  @Test
  void systemPropertiesWin() {
    System.setProperty("spark.app.name", "named by a property");
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      assertThat(spark.session().sparkContext().appName()).isEqualTo("named by a property");
    } finally {
      System.clearProperty("spark.app.name");
    }
  }

  @Test
  void takesSettingsAndPlugins() {
    SessionSettings settings =
        SessionSettings.of(1, Map.of("spark.app.name", "given"))
            .plus("spark.plugins", Plugin.class.getName());

    try (EmbeddedSpark spark = EmbeddedSpark.open(settings)) {
      assertThat(spark.session().sparkContext().appName()).isEqualTo("given");
      assertThat(Plugin.STARTED).hasValue(1);
    }
  }

  @Test
  void namesASettingThatSparkRefuses() {
    SessionSettings settings = SessionSettings.of(1, Map.of("spark.ui.enabled", "maybe"));

    assertThatThrownBy(() -> EmbeddedSpark.open(settings))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot start Spark: spark.ui.enabled should be boolean, but was maybe. Change the setting that it names.");
    assertThat(SparkEnv.get()).isNull();
  }

  @Test
  void refusesSettingsForASessionThatIsThere() {
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      assertThat(spark.session().range(1).count()).isEqualTo(1);

      assertThatThrownBy(() -> SessionSettings.of(1, Map.of("spark.app.name", "other")))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot use settings of Spark after '--' (spark.app.name): the session is there already. Give them to it instead.");
    }
  }

  /** Counts how often a session began with it. */
  public static final class Plugin implements SparkPlugin {

    static final AtomicInteger STARTED = new AtomicInteger();

    @Override
    public DriverPlugin driverPlugin() {
      STARTED.incrementAndGet();
      return new DriverPlugin() {};
    }

    @Override
    public ExecutorPlugin executorPlugin() {
      return null;
    }
  }

  @Test
  void closesOnlyOnce() {
    EmbeddedSpark first = EmbeddedSpark.open(1);
    first.close();

    try (EmbeddedSpark second = EmbeddedSpark.open(1)) {
      first.close();

      assertThat(second.session().range(5).count()).isEqualTo(5);
    }

    assertThat(SparkEnv.get()).isNull();
  }

  @Test
  void outlivesATaskWithoutMemory() {
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      MapFunction<Long, Long> task =
          number -> {
            throw new OutOfMemoryError("of a test");
          };

      assertThatThrownBy(() -> spark.session().range(1).map(task, Encoders.LONG()).collectAsList())
          .isInstanceOf(SparkException.class)
          .hasRootCauseInstanceOf(OutOfMemoryError.class);
      assertThat(spark.session().range(5).count()).isEqualTo(5);
    }
  }

  @Test
  void isSilentAndLeavesNothingWhenTheJvmIsToldToEnd() throws Exception {
    Path temporary = Files.createDirectory(scratch.resolve("tmp"));
    Path err = scratch.resolve("err");
    String options = System.getProperty("basedir") + "/../conf/spark-java.options";
    Process holder = started(temporary, err, "@" + options);
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("ready");
      assertThat(entries(temporary)).anyMatch(path -> path.toString().contains("tandem-spark-"));
      holder.destroy();
      assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      holder.destroyForcibly();
    }

    assertThat(err).isEmptyFile();
    assertThat(entries(temporary)).noneMatch(path -> path.toString().contains("spark"));
  }

  @Test
  void namesTheOptionsThatAreMissing() throws Exception {
    Path err = scratch.resolve("err");
    Process holder = started(scratch, err, "-Xshare:auto");

    assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(holder.exitValue()).isEqualTo(1);
    assertThat(Files.readString(err))
        .startsWith(
            "Exception in thread \"main\" io.tandem.base.UserError: Cannot start Spark: this JVM"
                + " keeps sun.nio.ch closed (Spark needs the options in conf/spark-java.options)."
                + " Start with spark-job/bin/tandem or spark-submit.\n");
  }

  private static Process started(Path temporary, Path err, String option) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            option,
            "-Djava.io.tmpdir=" + temporary,
            "-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"),
            "-cp",
            System.getProperty("java.class.path"),
            SparkHolder.class.getName())
        .redirectError(err.toFile())
        .start();
  }

  private static void shuffle(SparkSession session) {
    List<Long> sorted =
        session.range(0, 100, 1, 4).repartition(3).sort("id").as(Encoders.LONG()).collectAsList();
    assertThat(sorted).containsExactlyElementsOf(LongStream.range(0, 100).boxed().toList());
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  /** Returns the addresses and ports at which this process listens. */
  private static Set<String> listeners() throws IOException {
    Set<String> sockets = new HashSet<>();
    for (Path descriptor : entries(Path.of("/proc/self/fd"))) {
      try {
        sockets.add(Files.readSymbolicLink(descriptor).toString());
      } catch (IOException e) {
        // closed meanwhile
      }
    }
    Set<String> listeners = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
        String[] columns = line.trim().split(" +");
        if (columns[3].equals("0A") && sockets.contains("socket:[" + columns[9] + "]")) {
          listeners.add(address(columns[1]));
        }
      }
    }
    return listeners;
  }

  /** Spells the addresses of 127.0.0.1 so, also as one of IPv6, and others as they are. */
  private static String address(String hex) {
    return hex.replaceFirst("^(0{16}FFFF0000)?0100007F:", "127.0.0.1:");
  }
}
