package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.executor.ImagesSchema;
import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import io.tandem.run.DataFile;
import io.tandem.run.RunFolder;
import io.tandem.run.RunLock;
import io.tandem.run.RunManifest;
import io.tandem.run.WaveFiles;
import io.tandem.run.WaveRecord;
import io.tandem.run.WaveSums;
import io.tandem.table.WaveTables;
import io.tandem.table.WrittenFile;
import io.tandem.table.WrittenImages;
import io.tandem.table.WrittenLatency;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that somebody else goes on with: after a signal, from a driver that sleeps, with what a dead
 * one left, longer ones, and ones with failed samples.
 */
class GenerateTakeOverIT {

  private static final String SECRET = "planted-7Xq2c";

  private static final int LONG = 48;

  @TempDir static Path folder;

  private static SharedSpark spark;
  private static Path steps;

  /** A run of {@link #LONG} images in one wave, and what its first images are. */
  private static Map<Long, String> plain;

  @BeforeAll
  static void makeThePlainRun() {
    steps = folder.resolve("steps");
    spark =
        SharedSpark.open(
            steps,
            Map.of(
                "spark.hadoop.fs.x.secret.key", SECRET + 1,
                "spark.hadoop.fs.y.auth", "key:" + SECRET + "2@token",
                "spark.tandem.password", SECRET + 3));
    Path run = folder.resolve("plain/run");
    Ran ran = SmallSet.here("fault:" + run, "--images", "" + LONG, "--wave-images", "" + LONG);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    plain = StoredRun.samples(run);
    assertThat(plain).hasSize(LONG);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @AfterEach
  void disarm() {
    FaultFileSystem.disarm();
    version(1);
  }

  /** Where a driver falls asleep. */
  private enum Sleep {
    WHILE_IT_DECODES(Operation.CREATE, "images/wave=1/.*part", Moment.BEFORE),
    /** The task makes its folders when its job is over and has removed them. */
    WHILE_IT_DECODES_AND_HEARS_NOTHING(
        Operation.CREATE, "images/wave=1/.*part", Moment.BEFORE, Effect.SUSPEND_AND_DELAY),
    BEFORE_ITS_IMAGES_ARE_MOVED(Operation.RENAME, "-> .*/images/wave=1/part", Moment.BEFORE),
    BEFORE_IT_LOOKS_AT_ITS_IMAGES(Operation.DELETE, "images/wave=1/_temporary", Moment.AFTER),
    BEFORE_LATENCY_IS_MOVED(Operation.RENAME, "-> .*/latency/wave=1/part", Moment.BEFORE),
    BEFORE_THE_RECORD(Operation.RENAME, "-> .*_waves/1.json", Moment.BEFORE);

    private final Fault fault;

    Sleep(Operation operation, String path, Moment moment) {
      this(operation, path, moment, Effect.SUSPEND);
    }

    Sleep(Operation operation, String path, Moment moment, Effect effect) {
      fault = new Fault(operation, path, 1, moment, effect);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDriverThatSleptWhileItsRunWasFinishedDamagesNothing(Sleep sleep) throws Exception {
    Path run = run(sleep.name());
    try (SparkSubmitRun.Running sleeper = sleeper(run, sleep.fault)) {
      takeTheLockFrom(sleeper, run);
      Ran other = SmallSet.here("fault:" + run);
      assertThat(other.exitCode()).as(other.err()).isZero();
      assertComplete(run, SmallSet.IMAGES);

      wake(sleeper);
      Ran woken = sleeper.end();

      assertThat(woken.exitCode()).isEqualTo(3);
      assertThat(woken.err()).contains("Cannot go on in 'fault:" + run + "'");
    }
    assertComplete(run, SmallSet.IMAGES);
  }

  /** Both write the second wave at the same time. */
  @ParameterizedTest
  @EnumSource(names = {"WHILE_IT_DECODES", "BEFORE_IT_LOOKS_AT_ITS_IMAGES"})
  void aDriverThatWakesWhileAnotherWritesItsWaveDamagesNothing(Sleep sleep) throws Exception {
    Path run = run("both-" + sleep);
    try (SparkSubmitRun.Running sleeper = sleeper(run, sleep.fault)) {
      takeTheLockFrom(sleeper, run);
      FaultFileSystem.arm(
          new Fault(Operation.CREATE, "/images/wave=1/.*part", 1, Moment.AFTER, Effect.DELAY));
      CompletableFuture<Ran> other =
          CompletableFuture.supplyAsync(() -> SmallSet.here("fault:" + run));
      await(() -> RunStep.hadFault(steps, run) || other.isDone());

      wake(sleeper);

      assertThat(sleeper.end().exitCode()).isEqualTo(3);
      assertThat(other.get().exitCode()).as(other.get().err()).isIn(0, 3);
    }
    FaultFileSystem.disarm();
    Ran again = SmallSet.here("fault:" + run);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertComplete(run, SmallSet.IMAGES);
  }

  @Test
  void aSecondRunIntoOnePathSaysWhoHoldsItAndGoesOnAtOnceWhenThatOneIsKilled() throws Exception {
    Path run = run("two");
    try (SparkSubmitRun.Running first = sleeper(run, Sleep.BEFORE_THE_RECORD.fault)) {
      List<String> before = StoredRun.tree(run);

      Ran second = SmallSet.here("fault:" + run);

      assertThat(second.exitCode()).isEqualTo(2);
      assertThat(second.err())
          .matches(
              "Cannot generate into 'fault:%s': it is held by process %d on host '.*' \\(user '.*', application 'local-\\d+', since .*\\)\\. Wait for its end, or choose another --out\\.\n"
                  .formatted(run, first.driver().pid()));
      assertThat(StoredRun.tree(run)).isEqualTo(before);
      first.driver().destroyForcibly().waitFor();
    }

    Ran third = SmallSet.here("fault:" + run);

    assertThat(third.exitCode()).as(third.err()).isZero();
    assertComplete(run, SmallSet.IMAGES);
  }

  @Test
  void aSignalLeavesCommittedWavesAndTheSameCommandGoesOn() throws Exception {
    Path run = run("signal");
    String[] options = {"--images", "" + LONG, "--wave-images", "4"};
    Ran stopped;
    try (SparkSubmitRun.Running running =
        LauncherRun.local(run.getParent()).start(SmallSet.command(run.toString(), options))) {
      await(() -> Files.exists(run.resolve("_waves/1.json")) || !running.driver().isAlive());
      running.driver().destroy();
      stopped = running.end();
    }

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(5);
    assertThat(stopped.err()).contains("stopping after this step; the next signal ends at once");
    assertThat(stopped.out()).contains("stopped    ", " of 48 are there");
    assertThat(run.resolve("status.json")).content().contains("\"state\" : \"interrupted\"");
    assertThat(run.resolve("_lock")).doesNotExist();
    List<String> committed = records(run);
    assertThat(committed).hasSizeBetween(2, 11);

    Ran again = SmallSet.here(run.toString(), options);

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(records(run)).containsAll(committed).hasSize(12);
    assertComplete(run, LONG);
  }

  @ParameterizedTest
  @CsvSource({"4, 1", "12, 5", "8, 7"})
  void wavesAndPartitionsChangeNoSample(int waveImages, int partitions) {
    Path run = run("cut-" + waveImages);

    Ran ran =
        SmallSet.here(
            "fault:" + run,
            "--images",
            "30",
            "--wave-images",
            "" + waveImages,
            "--partitions",
            "" + partitions);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertComplete(run, 30);
  }

  @Test
  void leftoversOfADeadDriverAreNoPartOfTheSet() throws IOException {
    Path run = run("leftovers");
    SmallSet.here("fault:" + run);
    Files.delete(run.resolve("_waves/1.json"));
    Files.delete(run.resolve("_waves/2.json"));
    for (String table : List.of("images", "latency")) {
      Path other = parts(run.resolve(table + "/wave=0")).get(0);
      Path wave = run.resolve(table + "/wave=1");
      Files.copy(other, wave.resolve("part-00009-of-another-wave.parquet"));
      Files.write(
          wave.resolve("part-00007-half.parquet"),
          Arrays.copyOf(Files.readAllBytes(other), (int) Files.size(other) / 2));
      Files.createFile(wave.resolve("part-00008-empty.parquet"));
      Path attempt = Files.createDirectories(wave.resolve("_temporary/0/_temporary/attempt_1"));
      Files.copy(other, attempt.resolve("part-00000.parquet"));
      Files.delete(parts(run.resolve(table + "/wave=2")).get(0));
    }
    Files.writeString(run.resolve("_waves/.1.json.0123456789abcdef.tmp"), "{");
    Files.writeString(run.resolve("runs/_2026-01-01T000000Z-x.parquet.tmp"), "PAR1");

    Ran ran = SmallSet.here("fault:" + run);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertComplete(run, SmallSet.IMAGES);
  }

  @Test
  void aFileThatAppearedAfterTheEndIsRemovedByTheNextStart() throws IOException {
    Path run = run("appeared");
    SmallSet.here("fault:" + run);
    Path file = parts(run.resolve("images/wave=0")).get(0);
    Files.copy(file, file.resolveSibling("part-00003-late.parquet"));

    Ran ran = SmallSet.here("fault:" + run);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.err())
        .contains("removed images/wave=0/part-00003-late.parquet, which no record lists");
    assertComplete(run, SmallSet.IMAGES);
    assertThat(SmallSet.here("fault:" + run).out()).contains("everything is there: 24 images");
  }

  @Test
  void wavesMayBeCommittedOutOfOrder() throws IOException {
    Path run = run("order");
    FaultFileSystem.arm(
        new Fault(Operation.RENAME, "_waves/0.json", 1, Moment.BEFORE, Effect.DELAY));

    Ran ran = SmallSet.here("fault:" + run);

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(named(run.resolve("_waves/1.json"))).isLessThan(named(run.resolve("_waves/0.json")));
    assertComplete(run, SmallSet.IMAGES);
  }

  @Test
  void aLostRecordOfAnEarlierWaveIsMadeAgain() throws IOException {
    Path run = run("lost");
    SmallSet.here("fault:" + run);
    Files.delete(run.resolve("_waves/0.json"));

    Ran ran = SmallSet.here("fault:" + run);

    assertThat(ran.out()).contains("8 images in 1 waves");
    assertComplete(run, SmallSet.IMAGES);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aTaskThatThrowsOnceIsTriedAgain(int version) {
    Path run = run("task-" + version);
    version(version);
    String committed =
        version == 1 ? "attempt_.* -> .*/wave=1/_temporary/0/task" : "attempt_.* -> .*/wave=1/part";
    for (Moment moment : Moment.values()) {
      FaultFileSystem.arm(new Fault(Operation.RENAME, committed, 1, moment, Effect.NO_SPACE));

      Ran ran = SmallSet.here("fault:" + run, "--images", moment == Moment.BEFORE ? "16" : "30");

      assertThat(ran.exitCode()).as(ran.err()).isIn(0, 3);
      FaultFileSystem.disarm();
    }
    assertThat(RunStep.hadFault(steps, run)).isTrue();
    Ran again = SmallSet.here("fault:" + run, "--images", "30");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertComplete(run, 30);
  }

  /** The old end is in the middle of a batch. */
  @Test
  void aLongerRunKeepsItsSamplesWhateverFails() {
    Path run = run("longer");
    SmallSet.here("fault:" + run, "--images", "10");
    for (Moment moment : Moment.values()) {
      String images = moment == Moment.BEFORE ? "17" : "30";
      FaultFileSystem.arm(
          new Fault(Operation.RENAME, "-> .*/run.json", 1, moment, Effect.NO_SPACE));
      Ran failed = SmallSet.here("fault:" + run, "--images", images);
      assertThat(failed.exitCode()).isEqualTo(3);
      FaultFileSystem.disarm();

      Ran ran = SmallSet.here("fault:" + run, "--images", images);

      assertThat(ran.exitCode()).as(ran.err()).isZero();
      assertComplete(run, Integer.parseInt(images));
    }
  }

  @Test
  void failedSamplesAreMadeAgainWhateverFails() {
    Path run = run("failed");
    SmallSet.here("fault:" + run);
    failSamples(run, 1, "9, 12");
    failSamples(run, 2, "16");

    Ran before = SmallSet.here("fault:" + run);
    assertThat(before.exitCode()).isEqualTo(4);
    assertThat(before.out()).contains("everything is there", "failed     3 samples");
    assertThat(SmallSet.here("fault:" + run, "--max-failed", "3").exitCode()).isZero();

    FaultFileSystem.arm(
        new Fault(Operation.DELETE, "_waves/2.json", 1, Moment.BEFORE, Effect.NO_SPACE));
    assertThat(SmallSet.here("fault:" + run, "--retry-failed").exitCode()).isEqualTo(3);
    FaultFileSystem.disarm();
    assertThat(records(run)).containsExactly("0.json", "2.json");
    Ran retried = SmallSet.here("fault:" + run, "--retry-failed");

    assertThat(retried.exitCode()).as(retried.err()).isZero();
    assertComplete(run, SmallSet.IMAGES);
  }

  @Test
  void secretsAppearNowhere() throws IOException {
    Path run = run("secret");
    String address = "fault://key:" + SECRET + "4@bucket";

    Ran ran = SmallSet.here(address + run, "--vae", address + TinyModels.VAE);
    Ran again = SmallSet.here(address + run, "--vae", address + TinyModels.VAE);
    FaultFileSystem.arm(
        new Fault(Operation.RENAME, "-> .*/_waves/3.json", 1, Moment.BEFORE, Effect.NO_SPACE));
    Ran failed =
        SmallSet.here(address + run, "--vae", address + TinyModels.VAE, "--images", "" + LONG);
    FaultFileSystem.disarm();
    Ran verified = SmallSet.verify(address + run, 1);
    Ran elsewhere = SmallSet.here("hdfs://key:" + SECRET + "5@127.0.0.1:1/x");
    Ran dry =
        LauncherRun.local(folder.resolve("secret"))
            .set("spark.hadoop.fs.x.secret.key", SECRET + 6)
            .run(SmallSet.command(address + run, "--dry-run"));

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(again.out()).as(again.err()).contains("everything is there: 24 images");
    assertThat(failed.exitCode()).isEqualTo(3);
    assertThat(verified.out()).contains(" of 48 images committed", "wave=3: no record knows it");
    assertThat(elsewhere.exitCode()).isEqualTo(2);
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    for (Ran each : List.of(ran, again, failed, verified, elsewhere, dry)) {
      assertThat(each.out() + each.err()).doesNotContain(SECRET);
    }
    for (String file : StoredRun.tree(run)) {
      if (Files.isRegularFile(run.resolve(file))) {
        assertThat(Files.readString(run.resolve(file), StandardCharsets.ISO_8859_1))
            .as(file)
            .doesNotContain(SECRET);
      }
    }
    for (String table : List.of("images", "latency", "runs")) {
      assertThat(StoredRun.rows(run, table, "to_json(struct(*))"))
          .isNotEmpty()
          .noneMatch(row -> row.getString(0).contains(SECRET));
    }
    assertThat(StoredRun.rows(run, "runs", "conf").toString()).contains("redacted");
  }

  /** Puts a wave with failed samples in the place of one, as if memory had not sufficed. */
  private static void failSamples(Path run, int number, String indexes) {
    try (RunFolder opened = RunFolder.open("fault:" + run, hadoop());
        RunLock lock = RunLock.acquire(opened, "")) {
      RunManifest manifest = opened.manifest().orElseThrow();
      WaveRecord record = opened.records(manifest).find(number).orElseThrow();
      SparkSession session = SparkSession.active();
      Dataset<Row> stored =
          session
              .read()
              .schema(ImagesSchema.schema())
              .parquet("fault:" + run.resolve("images/wave=" + number));
      for (String column :
          List.of(
              "image", "width", "height", "format", "pixels_sha256", "tokens_sha256", "tokens")) {
        stored = with(stored, column, indexes, "null");
      }
      stored = with(with(stored, "status", indexes, "'failed'"), "error", indexes, "'no memory'");
      List<Row> rows = stored.coalesce(1).sortWithinPartitions("sample_index").collectAsList();
      WaveTables tables = new WaveTables(session, "fault:" + run, manifest.runId());
      String writeId = "failed-" + number;
      opened.records(manifest).withdraw(number, lock);
      opened.clear(number, lock);
      WrittenImages images =
          tables.writeImages(
              session.createDataFrame(rows, ImagesSchema.schema()).coalesce(1), number, writeId);
      WrittenLatency latency = tables.writeLatency(images.files(), number, writeId);
      opened
          .records(manifest)
          .commit(
              new WaveRecord(
                  manifest.runId(),
                  record.wave(),
                  writeId,
                  new WaveFiles(files(images.files()), files(latency.files())),
                  new WaveSums(images.rows(), images.failed(), latency.workNanos(), 1),
                  Instant.now()),
              lock);
    }
  }

  private static Dataset<Row> with(Dataset<Row> rows, String column, String indexes, String value) {
    String chosen = "if(sample_index in (%s), %s, %s)".formatted(indexes, value, column);
    return rows.withColumn(column, org.apache.spark.sql.functions.expr(chosen));
  }

  private static List<DataFile> files(List<WrittenFile> files) {
    return files.stream()
        .map(file -> new DataFile(file.name(), file.bytes(), file.rows(), file.footerSha256()))
        .toList();
  }

  private static org.apache.hadoop.conf.Configuration hadoop() {
    return SparkSession.active().sparkContext().hadoopConfiguration();
  }

  private static void version(int version) {
    hadoop().setInt("mapreduce.fileoutputcommitter.algorithm.version", version);
  }

  private static Path run(String name) {
    return folder.resolve(name).resolve("run");
  }

  private static SparkSubmitRun.Running sleeper(Path run, Fault fault) throws Exception {
    Files.createDirectories(run.getParent());
    SparkSubmitRun.Running running =
        LauncherRun.local(run.getParent()).with(fault).start(SmallSet.command("fault:" + run));
    await(() -> !running.driver().isAlive() || isAsleep(running.driver().pid()));
    assertThat(running.driver().isAlive()).isTrue();
    return running;
  }

  private static boolean isAsleep(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')')).startsWith(") T");
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes the driver one that no longer runs, so that nobody has to wait for its heartbeat. */
  private static void takeTheLockFrom(SparkSubmitRun.Running sleeper, Path run) throws IOException {
    Path lock = run.resolve("_lock");
    String text = Files.readString(lock);
    assertThat(text).contains("\"pid\" : " + sleeper.driver().pid());
    Path other = lock.resolveSibling("_lock.edited");
    Files.writeString(
        other, text.replaceFirst("\"process_start_ticks\" : \\d+", "\"process_start_ticks\" : 1"));
    Files.move(other, lock, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void wake(SparkSubmitRun.Running sleeper) throws Exception {
    String signal = "kill -CONT " + sleeper.driver().pid();
    assertThat(new ProcessBuilder("sh", "-c", signal).start().waitFor()).isZero();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 300_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(50);
    }
  }

  private static void assertComplete(Path run, int images) {
    assertThat(StoredRun.samples(run))
        .isEqualTo(new TreeMap<>(plain).headMap((long) images, false));
    assertThat(StoredRun.tree(run))
        .noneMatch(it -> it.contains("_lock") || it.contains("_temporary") || it.endsWith(".tmp"));
    Ran verified = SmallSet.verify("fault:" + run, 1);
    assertThat(verified.out())
        .as(verified.err())
        .contains("; 0 findings", "%d of %d images".formatted(images, images), "verdict    good");
  }

  private static List<String> records(Path run) {
    return StoredRun.tree(run).stream()
        .filter(it -> it.startsWith("_waves/"))
        .map(it -> it.substring("_waves/".length()))
        .toList();
  }

  /** Returns when a file got its name. */
  private static FileTime named(Path file) throws IOException {
    return (FileTime) Files.getAttribute(file, "unix:ctime");
  }

  private static List<Path> parts(Path wave) throws IOException {
    try (Stream<Path> files = Files.list(wave)) {
      return files.filter(it -> it.toString().endsWith(".parquet")).sorted().toList();
    }
  }
}
