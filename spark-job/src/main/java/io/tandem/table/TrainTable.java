package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.train.TrainingLog;
import io.tandem.train.TrainingRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The table {@code train} of a run: a local folder of Parquet files, one for each flush.
 *
 * <p>A file is named by its stage and the first and last step in it, such as {@code
 * var-000000501-000001000.parquet}, and has that name only when it is complete and on the disk. At
 * any time the files hold each step once. A run that was killed after a flush and before its
 * checkpoint does those steps again; they are removed when it is resumed.
 *
 * <p>Columns: {@code run_id string, stage string, step long, images long, loss double, losses
 * array<struct<name string, value double>>, learning_rate double, gradient_norm double,
 * images_per_second double, elapsed_ns long, written_at timestamp}, as in {@link TrainingRow}.
 */
public final class TrainTable implements TrainingLog {

  private static final Pattern STAGE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  private static final Pattern FILE =
      Pattern.compile("(?<stage>.+)-(?<first>\\d{9,18})-(?<last>\\d{9,18})\\.parquet");

  private final Path folder;
  private final TrainFile.Origin origin;
  private final List<TrainingRow> rows = new ArrayList<>();
  private long lastStep;

  private record Stored(Path file, String stage, long firstStep, long lastStep) {}

  private TrainTable(Path folder, TrainFile.Origin origin, long lastStep) {
    this.folder = folder;
    this.origin = origin;
    this.lastStep = lastStep;
  }

  /**
   * Opens the table for a stage that goes on at {@code nextStep}, and removes the rows that the
   * table has of this stage from there on, and what a killed run left half-written.
   *
   * @param folder where the files are; made if it is not there
   * @param runId the run; a table is of one run
   * @param stage words of lower-case letters and digits, with hyphens in between
   * @param nextStep the step after the last checkpoint, 1 if the stage starts
   * @throws UserError if the folder cannot be used, or the table is of another run
   */
  public static TrainTable open(Path folder, String runId, String stage, long nextStep) {
    if (!STAGE.matcher(stage).matches() || nextStep < 1) {
      throw new IllegalArgumentException(
          "Cannot keep rows of stage '%s' from step %d on".formatted(stage, nextStep));
    }
    try {
      Files.createDirectories(folder);
      List<Stored> files = files(folder);
      for (Stored file : files) {
        checkRun(folder, file.file(), runId);
      }
      List<Stored> stale =
          files.stream()
              .filter(file -> file.stage().equals(stage) && file.lastStep() >= nextStep)
              .toList();
      for (Stored file : stale) {
        checkBoundary(folder, file, nextStep);
      }
      for (Stored file : stale) {
        Files.delete(file.file());
      }
      removeUnfinished(folder, stage);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write table '%s': %s", folder, e);
    }
    return new TrainTable(folder, new TrainFile.Origin(runId, stage), nextStep - 1);
  }

  private static List<Stored> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(TrainTable::stored).flatMap(Optional::stream).toList();
    }
  }

  /** Returns what the name of {@code file} says, none if it is no file of a table. */
  private static Optional<Stored> stored(Path file) {
    Matcher name = FILE.matcher(file.getFileName().toString());
    return name.matches()
        ? Optional.of(
            new Stored(
                file,
                name.group("stage"),
                Long.parseLong(name.group("first")),
                Long.parseLong(name.group("last"))))
        : Optional.empty();
  }

  private static void checkRun(Path folder, Path file, String runId) throws IOException {
    String found;
    try {
      found = TrainFile.runId(file).map(id -> "of run '" + id + "'").orElse("of no run");
    } catch (RuntimeException e) {
      throw UserError.because(
          e,
          "Cannot write table '%s': '%s' in it is no Parquet file. Remove it.",
          folder,
          file.getFileName());
    }
    check(
        found.equals("of run '" + runId + "'"),
        "Cannot write table '%s': '%s' in it is %s (this is run '%s'). Choose another folder.",
        folder,
        file.getFileName(),
        found,
        runId);
  }

  private static void checkBoundary(Path folder, Stored file, long nextStep) {
    check(
        file.firstStep() >= nextStep,
        "Cannot continue table '%s' at step %d: '%s' in it ends at step %d (files end at"
            + " checkpoints). Remove it, or resume from its last step.",
        folder,
        nextStep,
        file.file().getFileName(),
        file.lastStep());
  }

  private static void removeUnfinished(Path folder, String stage) throws IOException {
    Pattern unfinished = Pattern.compile("\\." + stage + "-\\d+-\\d+\\.parquet\\.[0-9a-f]+\\.tmp");
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files =
          entries
              .filter(entry -> unfinished.matcher(entry.getFileName().toString()).matches())
              .toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  @Override
  public void add(TrainingRow row) {
    if (row.step() <= lastStep) {
      throw new IllegalArgumentException(
          "Cannot add step %d after step %d".formatted(row.step(), lastStep));
    }
    rows.add(row);
    lastStep = row.step();
  }

  @Override
  public void flush() {
    if (rows.isEmpty()) {
      return;
    }
    Path file = folder.resolve(name(rows.get(0).step(), lastStep));
    try (StagedFile staged = StagedFile.beside(file)) {
      write(staged.path(), TrainFile.bytes(origin, rows));
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", file, e);
    }
    rows.clear();
  }

  private String name(long firstStep, long lastStep) {
    return "%s-%09d-%09d.parquet".formatted(origin.stage(), firstStep, lastStep);
  }

  /** Writes a file that is on the disk when this returns, since a checkpoint relies on it. */
  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }
}
