package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.tandem.base.UserError;
import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.VersionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {

  private static final String LEGAL = "(an empty or new folder, or that of a run, is needed)";

  @TempDir Path scratch;

  @ParameterizedTest
  @EnumSource
  void opensAPlaceThatIsNotThereAndWritesNothing(Places place) throws IOException {
    Path out = scratch.resolve("a/b");

    try (RunFolder folder = place.open(out, log())) {
      assertThat(folder.manifest()).isEmpty();
      assertThat(folder.status()).isEmpty();
      assertThat(folder.images(7)).hasToString(place.address(out) + "/images/wave=7");
      assertThat(folder.latency(7)).hasToString(place.address(out) + "/latency/wave=7");
      assertThat(folder.runs()).hasToString(place.address(out) + "/runs");
      assertThat(folder.contactSheet()).hasToString(place.address(out) + "/contact-sheet.png");
    }

    assertThat(tree()).isEmpty();
    assertThat(log()).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void keepsManifestAndStatus(Places place) {
    Path out = scratch.resolve("out");
    RunManifest manifest = Runs.manifest();
    RunStatus running = RunStatus.running(new ImageCounts(1000, 300, 1), Runs.NOON);
    RunStatus done = running.ended(RunState.DONE, 0, new ImageCounts(1000, 1000, 1), "");

    try (RunFolder folder = place.open(out, log());
        RunLock lock = RunLock.acquire(folder, "")) {
      folder.begin(manifest, lock);
      folder.write(running);
      folder.write(done);
    }

    RunFolder again = place.open(out, log());
    assertThat(again.manifest()).hasValue(manifest);
    assertThat(again.status()).hasValue(done);
    assertThat(tree()).containsExactly("out", "out/run.json", "out/status.json");
  }

  @Test
  void aRunIsBegunOnce() {
    try (RunFolder folder = open("out");
        RunLock lock = RunLock.acquire(folder, "")) {
      folder.begin(Runs.manifest(), lock);

      assertThatThrownBy(() -> folder.begin(Runs.manifest(WavePlan.of(5, 5)), lock))
          .isInstanceOf(LockLostException.class)
          .hasMessage("Cannot begin a run in '%s': another process began one", folder);
      assertThat(folder.manifest()).hasValue(Runs.manifest());
    }
  }

  @Test
  void aManifestThatNobodyFilledIsNone() throws IOException {
    Path out = Files.createDirectory(scratch.resolve("out"));
    Files.createFile(out.resolve("run.json"));

    try (RunFolder folder = open("out");
        RunLock lock = RunLock.acquire(folder, "")) {
      assertThat(folder.manifest()).isEmpty();
      folder.begin(Runs.manifest(), lock);
      assertThat(folder.manifest()).hasValue(Runs.manifest());
    }
  }

  @Test
  void aRunBecomesLonger() {
    try (RunFolder folder = open("out");
        RunLock lock = RunLock.acquire(folder, "")) {
      folder.begin(Runs.manifest(), lock);
      TreeMap<String, String> options = new TreeMap<>(Runs.settings().options());
      options.put("images", "1500");

      RunManifest longer =
          Runs.manifest().extended(options, Runs.manifest().plan().extended(1500, 200));
      folder.extend(longer, lock);

      assertThat(folder.manifest()).hasValue(longer);
      assertThat(longer.plan().images()).isEqualTo(1500);
      assertThat(longer.settings().options()).containsEntry("images", "1500");
    }
  }

  @Test
  void writesNothingWithoutTheLock() throws IOException {
    try (RunFolder folder = open("out");
        RunLock lock = RunLock.acquire(folder, "")) {
      Files.delete(scratch.resolve("out/_lock"));

      assertThatThrownBy(() -> folder.begin(Runs.manifest(), lock))
          .isInstanceOf(LockLostException.class);
      assertThatThrownBy(() -> folder.extend(Runs.manifest(), lock))
          .isInstanceOf(LockLostException.class);
      assertThatThrownBy(() -> folder.clear(0, lock)).isInstanceOf(LockLostException.class);
    }
    assertThat(tree()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void removesTheFoldersThatItMadeIfTheyStayEmpty(Places place) {
    try (RunFolder folder = place.open(scratch.resolve("a/b/c"), log())) {
      RunLock.acquire(folder, "").close();
      assertThat(scratch.resolve("a/b/c")).isEmptyDirectory();
    }

    assertThat(tree()).isEmpty();
  }

  @Test
  void keepsAnEmptyFolderThatWasThere() throws IOException {
    Files.createDirectory(scratch.resolve("out"));

    try (RunFolder folder = open("out")) {
      RunLock.acquire(folder, "").close();
    }

    assertThat(scratch.resolve("out")).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource
  void clearsTheFilesOfAWaveWithoutARecord(Places place) throws IOException {
    Path out = scratch.resolve("out");
    try (RunFolder folder = place.open(out, log());
        RunLock lock = RunLock.acquire(folder, "")) {
      folder.begin(Runs.manifest(), lock);
      for (String name : List.of("images/wave=1", "latency/wave=1", "images/wave=2")) {
        Files.writeString(Files.createDirectories(out.resolve(name)).resolve("part"), "half");
      }
      folder.records(Runs.manifest()).commit(Runs.record(Runs.manifest(), 2), lock);

      folder.clear(1, lock);
      folder.clear(3, lock);

      assertThat(tree())
          .contains("out/images", "out/latency", "out/images/wave=2/part")
          .doesNotContain("out/images/wave=1", "out/latency/wave=1");
      assertThatThrownBy(() -> folder.clear(2, lock))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Wave 2 is committed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectsAFile(Places place) throws IOException {
    Path file = Files.writeString(scratch.resolve("mine"), "");

    assertRejected(
        place,
        file,
        "it is a file (an empty or new folder, or that of a run, is needed). Choose another --out.");
    assertThat(file).isEmptyFile();
  }

  @ParameterizedTest
  @EnumSource
  void rejectsAPlaceBelowAFile(Places place) throws IOException {
    Path file = Files.writeString(scratch.resolve("mine"), "");

    assertRejected(
        place,
        file.resolve("a/b"),
        "'%s' is a file (a folder is needed). Choose another --out."
            .formatted(place.address(file)));
  }

  @ParameterizedTest
  @EnumSource
  void rejectsAFolderWithOtherThings(Places place) throws IOException {
    Files.writeString(scratch.resolve("thesis.tex"), "");

    assertRejected(
        place,
        scratch,
        "it is no folder of a run, and there is 'thesis.tex' in it "
            + LEGAL
            + ". Choose another --out.");
    assertThat(tree()).containsExactly("thesis.tex");
  }

  @Test
  void acceptsWhatADeadStartLeft() throws IOException {
    for (String name :
        List.of(
            "_lock",
            "_lock-0e3cbb8e-7d39-4a0c-8a52-5d3b0a6c9e01",
            "._lock.0123456789abcdef.tmp",
            ".run.json.0123456789abcdef.tmp")) {
      Files.writeString(scratch.resolve(name), "");
    }

    assertThat(open("").manifest()).isEmpty();
  }

  @Test
  void rejectsAFolderWithoutPermission() throws IOException {
    Path closed = Files.createDirectory(scratch.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    String message =
        "no permission to write in '%s'. Choose another --out, or ask for the permission.";

    // Hadoop looks at the permissions alone, whoever the user is
    assertRejected(
        Places.REMOTE, closed.resolve("out"), message.formatted(Places.REMOTE.address(closed)));
    assertRejected(Places.REMOTE, closed, message.formatted(Places.REMOTE.address(closed)));
    assumeFalse(Files.isWritable(closed), "this user may write everywhere");
    assertRejected(
        Places.LOCAL, closed.resolve("out"), message.formatted(Places.LOCAL.address(closed)));
  }

  @Test
  void rejectsAFolderThatCannotBeMade() throws IOException {
    Configuration settings = Places.REMOTE.settings(log());
    new Fault(Operation.MKDIRS, "out", 1, Moment.BEFORE, Effect.NO_SPACE_FROM_THEN_ON)
        .configure(settings);
    String out = "fault:" + scratch.resolve("out");

    assertThatThrownBy(() -> RunLock.acquire(RunFolder.open(out, settings), ""))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to '%s': No space left on device. Check its permissions and its space.",
            out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:b", "file:", "nowhere://host:notaport/x"})
  void rejectsWhatIsNoPath(String out) {
    assertThatThrownBy(() -> RunFolder.open(out, new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot write to '" + out + "': ");
  }

  @Test
  void rejectsASchemeThatNobodyKnows() {
    assertThatThrownBy(() -> RunFolder.open("gopher://host/out", new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to 'gopher://host/out': Hadoop knows no file system for 'gopher:' (a local"
                + " path, file:, hdfs: or another one whose classes are on the class path)");
  }

  @Test
  void rejectsAFileSystemWhoseClassesAreMissing() {
    Configuration settings = new Configuration();
    settings.set("fs.gopher.impl", "com.example.Gopher");

    assertThatThrownBy(() -> RunFolder.open("gopher://host/out", settings))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot write to 'gopher://host/out': ")
        .hasMessageContaining(
            "com.example.Gopher not found, which 'gopher:' needs. Pass --packages PACKAGE");
  }

  @Test
  void namesThePackageOfAStoreThatHadoopKnows() {
    String hadoop = VersionInfo.getVersion();
    assertThatThrownBy(() -> RunFolder.open("abfs://host/out", new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to 'abfs://host/out': Class"
                + " org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem not found, which 'abfs:' needs"
                + " (it is in the package org.apache.hadoop:hadoop-azure:%1$s). Pass --packages"
                + " org.apache.hadoop:hadoop-azure:%1$s to spark-submit, or its jars to tandem in"
                + " TANDEM_CLASSPATH.",
            hadoop);
    assertThat(RunFolder.holdsRun("abfs://host/out", new Configuration())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gopher://key:planted@host/out",
        "gopher://key:plan/ted+planted@host/out",
        "gopher://:planted@host/out"
      })
  void showsNoPassword(String out) {
    assertThatThrownBy(() -> RunFolder.open(out, new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot write to 'gopher://***@host/out': ")
        .hasMessageNotContaining("planted");
  }

  @Test
  void rejectsAManifestThatIsTooLarge() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(scratch.resolve("run.json").toFile(), "rw")) {
      file.setLength((16 << 20) + 1);
    }

    assertRejectedManifest("it is too large (at most 16777216 bytes)");
  }

  @Test
  void rejectsTheFolderOfATraining() throws IOException {
    Files.writeString(
        scratch.resolve("run.json"), "{\"runId\": \"train-0\", \"madeAt\": \"2026\"}");

    assertRejectedManifest("it is no tandem-generate-run of Tandem");
  }

  @Test
  void rejectsAManifestThatIsAFolder() throws IOException {
    Files.createDirectory(scratch.resolve("run.json"));

    assertRejectedManifest("Is a directory");
  }

  @Test
  void aStatusThatCannotBeWrittenSaysSo() {
    Configuration settings = Places.REMOTE.settings(log());
    new Fault(Operation.WRITE, "status", 1, Moment.BEFORE, Effect.NO_SPACE).configure(settings);
    String out = "fault:" + scratch;

    assertThatThrownBy(
            () ->
                RunFolder.open(out, settings)
                    .write(RunStatus.running(new ImageCounts(1, 0, 0), Runs.NOON)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("Cannot write '%s/status.json': No space left on device", out);
  }

  @Test
  void aStatusHasNoExitCodeUntilTheEnd() throws IOException {
    RunFolder folder = open("");
    RunStatus running = RunStatus.running(new ImageCounts(10, 5, 0), Runs.NOON);

    folder.write(running);
    assertThat(Files.readString(scratch.resolve("status.json")))
        .startsWith(
            """
            {
              "kind" : "tandem-status",
              "schema_version" : 1,
              "state" : "running",
              "exit_code" : null,
              "images_planned" : 10,
              "images_committed" : 5,
              "images_failed" : 0,
              "started" : "2026-01-31T12:00:00Z",
            """);
    folder.write(
        running.ended(
            RunState.FAILED, 3, new ImageCounts(10, 5, 0), "at s3a://key:planted@bucket/x"));

    RunStatus read = folder.status().orElseThrow();
    assertThat(read.exitCode()).isEqualTo(OptionalInt.of(3));
    assertThat(read.message()).isEqualTo("at s3a://***@bucket/x");
  }

  private void assertRejected(Places place, Path out, String found) {
    assertThatThrownBy(() -> place.open(out, log()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot write to '%s': %s", place.address(out), found);
  }

  private void assertRejectedManifest(String found) {
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read '%s/run.json': %s", scratch, found);
  }

  private RunFolder open(String name) {
    return RunFolder.open(
        name.isEmpty() ? scratch.toString() : scratch.resolve(name).toString(),
        new Configuration());
  }

  private Path log() {
    return Path.of(scratch + ".log");
  }

  private List<String> tree() {
    List<String> names = new ArrayList<>();
    try (var all = Files.walk(scratch)) {
      all.filter(path -> !path.equals(scratch))
          .forEach(path -> names.add(scratch.relativize(path).toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names.stream().sorted().toList();
  }
}
