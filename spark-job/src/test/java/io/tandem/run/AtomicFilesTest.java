package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AtomicFilesTest {

  @TempDir Path scratch;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(scratch.resolve("folder"));
    FaultFileSystem.reset();
  }

  @ParameterizedTest
  @EnumSource
  void createsAFileOnce(Places place) throws IOException {
    AtomicFiles files = files(place);
    org.apache.hadoop.fs.Path file = path(place, "a.json");

    assertThat(files.read(file, 10)).isEmpty();
    assertThat(files.create(file, bytes("one"))).isTrue();
    assertThat(files.create(file, bytes("two"))).isFalse();

    assertThat(files.read(file, 3)).hasValue(bytes("one"));
    assertThat(names()).containsExactly("a.json");
  }

  @ParameterizedTest
  @EnumSource
  void replacesAFile(Places place) throws IOException {
    AtomicFiles files = files(place);
    org.apache.hadoop.fs.Path file = path(place, "a.json");

    files.replace(file, bytes("one"));
    files.replace(file, bytes("two"));

    assertThat(files.read(file, 10)).hasValue(bytes("two"));
    assertThat(names()).containsExactly("a.json");
  }

  @ParameterizedTest
  @EnumSource
  void deletesAFileOrNothing(Places place) throws IOException {
    AtomicFiles files = files(place);
    org.apache.hadoop.fs.Path file = path(place, "a.json");
    files.replace(file, bytes("one"));

    files.delete(file);
    files.delete(file);

    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void readsNoMoreThanItWasAskedFor(Places place) throws IOException {
    AtomicFiles files = files(place);
    files.replace(path(place, "a.json"), bytes("four"));

    assertThatThrownBy(() -> files.read(path(place, "a.json"), 3))
        .isInstanceOf(AtomicFiles.FileTooLargeException.class)
        .hasMessage("it is too large (at most 3 bytes)");
  }

  @ParameterizedTest
  @EnumSource
  void ofManyThatCreateAFileOneDoes(Places place) throws Exception {
    AtomicFiles files = files(place);
    int threads = 8;
    ExecutorService racers = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 20; round++) {
        org.apache.hadoop.fs.Path file = path(place, round + ".json");
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          byte[] content = bytes("by " + i);
          results.add(
              racers.submit(
                  () -> {
                    start.await();
                    return files.create(file, content);
                  }));
        }
        start.countDown();

        int winner = -1;
        for (int i = 0; i < threads; i++) {
          if (results.get(i).get()) {
            assertThat(winner).isEqualTo(-1);
            winner = i;
          }
        }
        assertThat(files.read(file, 100)).hasValue(bytes("by " + winner));
      }
    } finally {
      racers.shutdownNow();
    }
    assertThat(names()).hasSize(20);
  }

  @ParameterizedTest
  @EnumSource(names = "REMOTE_WITHOUT_CONTEXT", mode = EnumSource.Mode.EXCLUDE)
  void whoReadsSeesTheOldContentOrTheNewOne(Places place) throws Exception {
    AtomicFiles files = files(place);
    org.apache.hadoop.fs.Path file = path(place, "a.json");
    byte[] one = bytes("1".repeat(10_000));
    byte[] two = bytes("2".repeat(20_000));
    files.replace(file, one);
    AtomicBoolean isOver = new AtomicBoolean();
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<?> writing =
          writer.submit(
              () -> {
                for (int i = 0; i < 100; i++) {
                  files.replace(file, i % 2 == 0 ? two : one);
                }
                isOver.set(true);
                return null;
              });
      while (!isOver.get() && !writing.isDone()) {
        assertThat(files.read(file, 100_000).orElseThrow()).isIn(one, two);
      }
      writing.get();
    } finally {
      writer.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REMOTE", "REMOTE_WITHOUT_CONTEXT"})
  void leavesTheOldFileAndNothingElseWhenTheDiskIsFull(Places place) throws IOException {
    files(place).replace(path(place, "a.json"), bytes("old"));
    for (Operation operation : List.of(Operation.CREATE, Operation.WRITE)) {
      for (Moment moment : Moment.values()) {
        Configuration settings = place.settings(scratch.resolve("log"));
        new Fault(operation, "json", 1, moment, Effect.NO_SPACE).configure(settings);
        AtomicFiles files = files(place, settings);

        assertThatThrownBy(() -> files.replace(path(place, "a.json"), bytes("new")))
            .hasMessage("No space left on device");

        assertThat(names()).containsExactly("a.json");
        assertThat(folder.resolve("a.json")).hasContent("old");
      }
    }
  }

  @Test
  void leavesNothingWhenTheNewFileCannotBeNamed() throws IOException {
    Configuration settings = Places.REMOTE.settings(scratch.resolve("log"));
    new Fault(Operation.RENAME, "b.json", 1, Moment.BEFORE, Effect.NO_SPACE).configure(settings);
    AtomicFiles files = files(Places.REMOTE, settings);

    assertThatThrownBy(() -> files.create(path(Places.REMOTE, "b.json"), bytes("new")))
        .hasMessage("No space left on device");

    assertThat(names()).isEmpty();
  }

  @Test
  void aLocalFileHasNoChecksumBesideItAndLosesAStaleOne() throws IOException {
    Configuration settings = new Configuration();
    FileSystem hadoop = FileSystem.getLocal(settings);
    org.apache.hadoop.fs.Path file = path(Places.LOCAL, "a.json");
    try (var out = hadoop.create(file)) {
      out.write(bytes("by Hadoop"));
    }
    assertThat(names()).containsExactlyInAnyOrder("a.json", ".a.json.crc");

    AtomicFiles.of(hadoop).replace(file, bytes("by us, and longer"));

    assertThat(names()).containsExactly("a.json");
    try (var in = hadoop.open(file)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("by us, and longer"));
    }
  }

  @Test
  void doesWithoutHardLinks() throws IOException {
    AtomicFiles files =
        new LocalAtomicFiles(
            (name, file) -> {
              throw new FileSystemException(name.toString(), null, "Operation not permitted");
            });
    org.apache.hadoop.fs.Path file = path(Places.LOCAL, "a.json");

    assertThat(files.create(file, bytes("one"))).isTrue();
    assertThat(files.create(file, bytes("two"))).isFalse();

    assertThat(files.read(file, 3)).hasValue(bytes("one"));
    assertThat(names()).containsExactly("a.json");
  }

  private AtomicFiles files(Places place) throws IOException {
    return files(place, place.settings(scratch.resolve("log")));
  }

  private AtomicFiles files(Places place, Configuration settings) throws IOException {
    return AtomicFiles.of(path(place, "").getFileSystem(settings));
  }

  private org.apache.hadoop.fs.Path path(Places place, String name) {
    return new org.apache.hadoop.fs.Path(place.address(folder) + "/" + name);
  }

  private List<String> names() throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
