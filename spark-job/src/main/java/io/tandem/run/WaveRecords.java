package io.tandem.run;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.wave.Wave;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * The records of the committed waves of one run. A wave is committed if it has a record, whatever
 * else there is of it.
 *
 * <p>Thread-safe.
 */
public final class WaveRecords {

  private static final Pattern NAME = Pattern.compile("(0|[1-9]\\d{0,9})\\.json");

  /** Longest record: some ten thousand files. */
  private static final int LARGEST_BYTES = 8 << 20;

  /** What a distant store makes of one reader: most of its time is waiting. */
  private static final int READERS = 8;

  private static final int READ_AT_ONCE = 64;

  private final RunFolder folder;
  private final RunManifest manifest;

  WaveRecords(RunFolder folder, RunManifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * Commits a wave: its record appears complete. One that is there was written since this process
   * cleared the wave, by a process that no longer holds the folder, and is withdrawn first: its
   * files may be gone.
   *
   * @throws LockLostException if the folder is no longer held
   * @throws UncheckedIOException if it cannot be written; it may be there all the same
   */
  public void commit(WaveRecord record, RunLock lock) {
    checkBelongs(shown(record.wave().number()), record);
    lock.check();
    byte[] content = record.bytes();
    try {
      if (!folder.addFile(folder.record(record.wave().number()), content)) {
        commitAgain(record, lock);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write '" + shown(record.wave().number()) + "': " + e.getMessage(), e);
    }
  }

  /** A commit whose answer got lost is no fault when it is repeated. */
  private void commitAgain(WaveRecord record, RunLock lock) throws IOException {
    int wave = record.wave().number();
    Optional<WaveRecord> there = find(wave);
    if (there.isPresent() && there.get().writeId().equals(record.writeId())) {
      return;
    }
    withdraw(wave, lock);
    if (!folder.addFile(folder.record(wave), record.bytes())) {
      throw new LockLostException(
          "Cannot commit wave %d: '%s' is there already, by another writer"
              .formatted(wave, shown(wave)));
    }
  }

  /**
   * Makes a wave uncommitted, so that it is made again; nothing happens if it is.
   *
   * @throws LockLostException if the folder is no longer held
   */
  public void withdraw(int wave, RunLock lock) {
    lock.check();
    try {
      folder.files().delete(folder.record(wave));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove '" + shown(wave) + "': " + e.getMessage(), e);
    }
  }

  /**
   * Returns the record of a wave, none if it is not committed.
   *
   * @throws UserError if there is something else in its place, or it is of another run or of other
   *     samples
   */
  public Optional<WaveRecord> find(int wave) {
    String file = shown(wave);
    Optional<WaveRecord> record =
        folder
            .readFile(folder.record(wave), LARGEST_BYTES)
            .map(content -> WaveRecord.read(file, content));
    record.ifPresent(
        found -> {
          check(
              found.wave().number() == wave,
              "Cannot read '%s': it is the record of wave %d. Give it its name back, or remove it.",
              file,
              found.wave().number());
          checkBelongs(file, found);
        });
    return record;
  }

  /** Waves of one plan have no sample in common, so that this is also what keeps records apart. */
  private void checkBelongs(String file, WaveRecord record) {
    check(
        record.runId().equals(manifest.runId()),
        "Cannot read '%s': it belongs to run '%s' (this is run '%s'). Put it back where it came"
            + " from.",
        file,
        record.runId(),
        manifest.runId());
    WavePlan plan = manifest.plan();
    int number = record.wave().number();
    check(
        number < plan.waves(),
        "Cannot read '%s': the run has no wave %d (0 to %d)",
        file,
        number,
        plan.waves() - 1);
    Wave planned = plan.wave(number);
    check(
        planned.equals(record.wave()),
        "Cannot read '%s': it is of samples %d to %d (wave %d has %d to %d). Remove it, and the wave"
            + " is made again.",
        file,
        record.wave().first(),
        record.wave().end() - 1,
        number,
        planned.first(),
        planned.end() - 1);
  }

  /**
   * Reads all records and returns what they add up to.
   *
   * @throws UserError as {@link #forEach}
   */
  public CommittedWaves committed() {
    CommittedWaves committed = new CommittedWaves();
    forEach(committed::add);
    return committed;
  }

  /**
   * Reads all records and hands them over in the order of their waves, in this thread. Only some of
   * them are in memory at a time.
   *
   * @throws UserError if one makes no sense, or there are other files among them
   */
  public void forEach(Consumer<WaveRecord> consumer) {
    int[] waves = numbers();
    ExecutorService readers =
        Executors.newFixedThreadPool(
            READERS,
            task -> {
              Thread thread = new Thread(task, "wave-records");
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (int start = 0; start < waves.length; start += READ_AT_ONCE) {
        List<Future<Optional<WaveRecord>>> records = new ArrayList<>();
        for (int i = start; i < Math.min(start + READ_AT_ONCE, waves.length); i++) {
          int wave = waves[i];
          records.add(readers.submit(() -> find(wave)));
        }
        for (Future<Optional<WaveRecord>> record : records) {
          result(record).ifPresent(consumer);
        }
      }
    } finally {
      readers.shutdownNow();
    }
  }

  /**
   * Returns the same as {@link #committed} once the files of all committed waves are there in their
   * lengths, which takes no look at each of them: a run is not made longer beside waves that it
   * lost.
   *
   * @throws UserError if one is not, and as {@link #forEach}
   */
  public CommittedWaves checked() {
    Map<String, FileTotal> there = folder.totals();
    CommittedWaves committed = new CommittedWaves();
    forEach(
        record -> {
          int wave = record.wave().number();
          checkFiles(wave, folder.images(wave), record.files().images(), there);
          checkFiles(wave, folder.latency(wave), record.files().latency(), there);
          committed.add(record);
        });
    return committed;
  }

  private void checkFiles(
      int wave, Path place, List<DataFile> files, Map<String, FileTotal> there) {
    if (FileTotal.of(files).equals(there.getOrDefault(folder.relative(place), FileTotal.NONE))) {
      return;
    }
    for (DataFile file : files) {
      Path path = new Path(place, file.name());
      OptionalLong length = folder.length(path);
      check(
          length.equals(OptionalLong.of(file.bytes())),
          "Cannot continue the run in '%s': '%s' %s (%d bytes were committed). Restore it, or remove"
              + " '%s', and the wave is made again.",
          folder,
          folder.shown(path),
          length.isPresent() ? "has %d bytes".formatted(length.getAsLong()) : "is missing",
          file.bytes(),
          shown(wave));
    }
  }

  private static Optional<WaveRecord> result(Future<Optional<WaveRecord>> record) {
    try {
      return record.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while records were read", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Returns the numbers of the waves that have a file, sorted. */
  private int[] numbers() {
    int[] numbers = new int[16];
    int count = 0;
    for (String name : folder.names(folder.records())) {
      if (name.startsWith(".") || name.startsWith("_")) {
        continue;
      }
      Matcher matcher = NAME.matcher(name);
      long number = matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
      if (number > Integer.MAX_VALUE) {
        throw UserError.of(
            "Cannot read '%s/%s': no record has this name (0.json, 1.json and so on). Remove it.",
            folder.shown(folder.records()), Shown.text(name));
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = (int) number;
    }
    int[] sorted = Arrays.copyOf(numbers, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private String shown(int wave) {
    return folder.shown(folder.record(wave));
  }
}
