package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import io.tandem.wave.Wave;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WaveRecordsTest {

  private static final RunManifest MANIFEST = Runs.manifest();

  @TempDir Path scratch;

  @Test
  void isStoredLikeThis() {
    WaveRecord record = Runs.record(MANIFEST, 1);

    String stored = new String(record.bytes(), StandardCharsets.UTF_8);

    assertThat(stored)
        .isEqualTo(
            """
            {
              "kind" : "tandem-wave",
              "schema_version" : 1,
              "run_id" : "0123456789abcdef0123456789abcdef",
              "wave" : 1,
              "first_sample" : 300,
              "end_sample" : 600,
              "rows" : 300,
              "failed" : 1,
              "write_id" : "write-1",
              "images" : [ {
                "name" : "part-0.parquet",
                "bytes" : 1000,
                "rows" : 150,
                "footer_sha256" : "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
              }, {
                "name" : "part-1.parquet",
                "bytes" : 500,
                "rows" : 150,
                "footer_sha256" : "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
              } ],
              "latency" : [ {
                "name" : "part-0.parquet",
                "bytes" : 70,
                "rows" : 40,
                "footer_sha256" : "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
              } ],
              "work_ns" : 5000000000,
              "wall_ns" : 2000000000,
              "committed" : "2026-01-31T12:00:00Z"
            }
            """);
    assertThat(WaveRecord.read("1.json", record.bytes())).isEqualTo(record);
    assertThat(record.sums().imagesPerSecond()).isEqualTo(149.5);
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheRecordMeansCommitted(Places place) {
    try (Held held = hold(place)) {
      held.records.commit(Runs.record(MANIFEST, 3), held.lock);
      held.records.commit(Runs.record(MANIFEST, 0), held.lock);

      CommittedWaves committed = held.records.committed();

      assertThat(committed.count()).isEqualTo(2);
      assertThat(List.of(0, 1, 2, 3))
          .map(committed::holds)
          .containsExactly(true, false, false, true);
      assertThat(committed.withFailures()).containsExactly(3);
      assertThat(committed.images()).isEqualTo(400);
      assertThat(committed.failed()).isEqualTo(1);
      assertThat(committed.workNanos()).isEqualTo(10_000_000_000L);
      assertThat(committed.wallNanos()).isEqualTo(4_000_000_000L);
      assertThat(committed.bytes()).isEqualTo(2 * 1570);
      List<Integer> order = new ArrayList<>();
      held.records.forEach(record -> order.add(record.wave().number()));
      assertThat(order).containsExactly(0, 3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void filesOfACommittedWaveAreThereInTheirLengths(Places place) throws IOException {
    try (Held held = hold(place)) {
      for (int wave : List.of(0, 2)) {
        held.records.commit(Runs.record(MANIFEST, wave), held.lock);
        data("images/wave=" + wave + "/part-0.parquet", 1000);
        data("images/wave=" + wave + "/part-1.parquet", 500);
        data("latency/wave=" + wave + "/part-0.parquet", 70);
      }
      data("images/wave=1/part-0.parquet", 3); // of a wave that is not committed
      held.records.checked();

      data("images/wave=0/part-2.parquet", 500); // no record lists it
      held.records.checked();
      data("images/wave=0/part-1.parquet", 499);
      assertLost(held, "images/wave=0/part-1.parquet", "has 499 bytes (500 bytes were", 0);
      Files.delete(scratch.resolve("out/images/wave=0/part-1.parquet"));
      assertLost(held, "images/wave=0/part-1.parquet", "is missing (500 bytes were", 0);
      data("images/wave=0/part-1.parquet", 500);
      Files.delete(scratch.resolve("out/latency/wave=2/part-0.parquet"));
      assertLost(held, "latency/wave=2/part-0.parquet", "is missing (70 bytes were", 2);
    }
  }

  private static void assertLost(Held held, String file, String found, int wave) {
    String out = held.folder.toString();
    assertThatThrownBy(held.records::checked)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot continue the run in '%s': '%s/%s' %s committed). Restore it, or remove"
                + " '%s/_waves/%d.json', and the wave is made again.",
            out, out, file, found, out, wave);
  }

  private void data(String file, int bytes) throws IOException {
    Path path = scratch.resolve("out").resolve(file);
    Files.createDirectories(path.getParent());
    Files.write(path, new byte[bytes]);
  }

  @ParameterizedTest
  @EnumSource
  void whoHoldsTheFolderWithdrawsTheRecordOfWhoLostIt(Places place) {
    try (Held held = hold(place)) {
      WaveRecord record = Runs.record(MANIFEST, 1);
      held.records.commit(Runs.record(Runs.ID, MANIFEST.plan().wave(1), "another"), held.lock);

      held.records.commit(record, held.lock);
      held.records.commit(record, held.lock);

      assertThat(held.records.find(1)).hasValue(record);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoLostTheFolderLeavesARecordAsItIs(Places place) throws IOException {
    try (Held held = hold(place)) {
      WaveRecord record = Runs.record(MANIFEST, 1);
      held.records.commit(record, held.lock);
      held.folder.files().delete(held.folder.lock());

      WaveRecord other = Runs.record(Runs.ID, MANIFEST.plan().wave(1), "another");
      assertThatThrownBy(() -> held.records.commit(other, held.lock))
          .isInstanceOf(LockLostException.class);

      assertThat(held.records.find(1)).hasValue(record);
    }
  }

  @Test
  void aWaveThatIsWithdrawnIsNotCommitted() {
    try (Held held = hold(Places.LOCAL)) {
      held.records.commit(Runs.record(MANIFEST, 1), held.lock);

      held.records.withdraw(1, held.lock);
      held.records.withdraw(2, held.lock);

      assertThat(held.records.find(1)).isEmpty();
      assertThat(held.records.committed().count()).isZero();
    }
  }

  @Test
  void commitsNothingWithoutTheLock() throws IOException {
    try (Held held = hold(Places.LOCAL)) {
      Files.delete(scratch.resolve("out/_lock"));

      assertThatThrownBy(() -> held.records.commit(Runs.record(MANIFEST, 1), held.lock))
          .isInstanceOf(LockLostException.class);
      assertThatThrownBy(() -> held.records.withdraw(1, held.lock))
          .isInstanceOf(LockLostException.class);
      assertThat(scratch.resolve("out/_waves")).doesNotExist();
    }
  }

  @Test
  void aRecordThatCannotBeWrittenIsAbsentOrComplete() {
    for (Moment moment : Moment.values()) {
      FaultFileSystem.reset();
      Configuration settings = Places.REMOTE.settings(scratch.resolve("log"));
      new Fault(Operation.RENAME, "1.json", 1, moment, Effect.NO_SPACE).configure(settings);
      Path out = scratch.resolve(moment.name());
      try (RunFolder folder = RunFolder.open("fault:" + out, settings);
          RunLock lock = RunLock.acquire(folder, "")) {
        WaveRecord record = Runs.record(MANIFEST, 1);

        assertThatThrownBy(() -> folder.records(MANIFEST).commit(record, lock))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessage("Cannot write 'fault:%s/_waves/1.json': No space left on device", out);

        boolean isThere = moment == Moment.AFTER;
        assertThat(folder.records(MANIFEST).find(1).isPresent()).isEqualTo(isThere);
        folder.records(MANIFEST).commit(record, lock);
        assertThat(folder.records(MANIFEST).find(1)).hasValue(record);
      }
    }
  }

  @Test
  void aNameThatNobodyFilledIsNoRecord() throws IOException {
    try (Held held = hold(Places.LOCAL)) {
      Files.createFile(Files.createDirectory(scratch.resolve("out/_waves")).resolve("1.json"));

      assertThat(held.records.committed().count()).isZero();
      held.records.commit(Runs.record(MANIFEST, 1), held.lock);

      assertThat(held.records.committed().count()).isEqualTo(1);
    }
  }

  @Test
  void ignoresHiddenFiles() {
    try (Held held = hold(Places.LOCAL)) {
      held.records.commit(Runs.record(MANIFEST, 1), held.lock);
      write(".2.json.0123456789abcdef.tmp", "half a rec");
      write("_SUCCESS", "");

      assertThat(held.records.committed().count()).isEqualTo(1);
    }
  }

  @Test
  void readsThousandsInOrder() {
    RunManifest manifest = Runs.manifest(WavePlan.of(3_000 * 4, 4));
    try (RunFolder folder = open(Places.LOCAL);
        RunLock lock = RunLock.acquire(folder, "")) {
      write(".", "");
      for (int wave = 0; wave < 3_000; wave++) {
        write(wave + ".json", text(Runs.record(manifest, wave)));
      }

      List<Integer> order = new ArrayList<>();
      folder.records(manifest).forEach(record -> order.add(record.wave().number()));

      assertThat(order).hasSize(3_000).isSorted();
      assertThat(folder.records(manifest).committed().images()).isEqualTo(12_000);
      lock.check();
    }
  }

  @Test
  void rejectsRecordsOfAnotherRun() {
    assertRejected(
        "1.json",
        text(Runs.record("another-run", MANIFEST.plan().wave(1), "w")),
        "it belongs to run 'another-run' (this is run '%s'). Put it back where it came from."
            .formatted(Runs.ID));
  }

  @Test
  void rejectsRecordsOfOtherSamples() {
    assertRejected(
        "1.json",
        text(Runs.record(Runs.ID, new Wave(1, 200, 600), "w")),
        "it is of samples 200 to 599 (wave 1 has 300 to 599). Remove it, and the wave is made"
            + " again.");
    assertRejected(
        "4.json",
        text(Runs.record(Runs.ID, new Wave(4, 1000, 1300), "w")),
        "the run has no wave 4 (0 to 3)");
    assertRejected(
        "2.json",
        text(Runs.record(MANIFEST, 1)),
        "it is the record of wave 1. Give it its name back, or remove it.");
  }

  @ParameterizedTest
  @CsvSource({"x.json", "01.json", "-1.json", "1.json~", "99999999999.json", "2147483648.json"})
  void rejectsFilesThatAreNoRecords(String name) {
    assertRejected(name, "", "no record has this name (0.json, 1.json and so on). Remove it.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"rows\" : 300 | \"rows\" : 299 | Cannot record wave 1: its files have 300 rows and its sums"
            + " are of 299, but samples 300 to 599 are 300",
        "\"rows\" : 150 | \"rows\" : 151 | Cannot record wave 1: its files have 301 rows and its sums"
            + " are of 300, but samples 300 to 599 are 300",
        "\"failed\" : 1 | \"failed\" : 301 | Cannot sum up 300 rows, 301 failed, 5000000000 ns of"
            + " work in 2000000000 ns (0 or more, no more failed ones than rows)",
        "\"end_sample\" : 600 | \"end_sample\" : 300 | Wave 1 cannot hold samples 300 to 299",
        "\"name\" : \"part-0.parquet\" | \"name\" : \"../../etc/passwd\" | Cannot list file"
            + " '../../etc/passwd' (the name of a file that readers of tables see is needed)",
        "\"name\" : \"part-0.parquet\" | \"name\" : \"part-1.parquet\" | Cannot list file"
            + " 'part-1.parquet' twice",
        "\"write_id\" : \"write-1\" | \"write_id\" : \"\" | Cannot record wave 1 without a write id",
        "\"kind\" : \"tandem-wave\" | \"kind\" : \"wave\" | it is no tandem-wave of Tandem",
        "\"images\" : [ | \"images\" : 3, \"x\" : [ | 'images' is 3 (a list is needed)",
        "\"images\" : [ | \"images\" : [ 3, | 'images[0]' is 3 (an object is needed)",
        "\"images\" : [ | \"x\" : [ | 'images' is missing (a list is needed)",
      })
  void rejectsNonsense(String good, String bad, String found) {
    String stored = text(Runs.record(MANIFEST, 1));
    int at = stored.indexOf(good);
    assertThat(at).isNotNegative();

    assertRejected(
        "1.json", stored.substring(0, at) + bad + stored.substring(at + good.length()), found);
  }

  private void assertRejected(String name, String content, String found) {
    RunFolder folder = open(Places.LOCAL);
    write(name, content);

    assertThatThrownBy(() -> folder.records(MANIFEST).committed())
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read 'file:%s/out/_waves/%s': %s", scratch, name, found);
    scratch.resolve("out/_waves").resolve(name).toFile().delete();
  }

  private void write(String name, String content) {
    try {
      Path records = Files.createDirectories(scratch.resolve("out/_waves"));
      if (!name.equals(".")) {
        Files.writeString(records.resolve(name), content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(WaveRecord record) {
    return new String(record.bytes(), StandardCharsets.UTF_8);
  }

  private RunFolder open(Places place) {
    Path out = scratch.resolve("out");
    if (Files.exists(out.resolve("_waves"))) {
      // a folder of a run has a manifest
      try {
        Files.write(out.resolve("run.json"), MANIFEST.bytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return place.open(out, scratch.resolve("log"));
  }

  private Held hold(Places place) {
    RunFolder folder = open(place);
    RunLock lock = RunLock.acquire(folder, "");
    return new Held(folder, lock, folder.records(MANIFEST));
  }

  private record Held(RunFolder folder, RunLock lock, WaveRecords records)
      implements AutoCloseable {

    @Override
    public void close() {
      lock.close();
      folder.close();
    }
  }
}
