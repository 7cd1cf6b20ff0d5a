package io.tandem.job;

import io.tandem.executor.GeneratePartition;
import io.tandem.executor.GenerateSpec;
import io.tandem.executor.ImagesSchema;
import io.tandem.metrics.LatencyMode;
import io.tandem.run.DataFile;
import io.tandem.run.LockLostException;
import io.tandem.run.RunManifest;
import io.tandem.run.WaveFiles;
import io.tandem.run.WaveRecord;
import io.tandem.run.WaveRecords;
import io.tandem.run.WaveSums;
import io.tandem.table.BatchTable;
import io.tandem.table.LakeWaves;
import io.tandem.table.SampleRange;
import io.tandem.table.WaveBatches;
import io.tandem.table.WaveOfRun;
import io.tandem.table.WaveRows;
import io.tandem.table.WaveTables;
import io.tandem.table.WrittenFile;
import io.tandem.table.WrittenImages;
import io.tandem.table.WrittenLatency;
import io.tandem.wave.SampleBatches;
import io.tandem.wave.Wave;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Makes waves and commits them: images, latency, and last the record, which alone makes a wave part
 * of the run. Thread-safe, as long as each wave is with one thread.
 *
 * <p>Where the images belong to a table, they are files of the run first, as they are otherwise, so
 * that what is wrong with them is found before anybody sees them; then they are committed to the
 * table and removed. A wave that has no record but is in the table was committed by a driver that
 * died in between: its rows stay, and only the rest is made up for.
 */
final class WaveCommitter {

  /** A wave is made once more if its rows are not all there: somebody else's hand was in it. */
  private static final int ATTEMPTS = 2;

  private final GenerateStart.Place place;
  private final RunManifest manifest;
  private final GenerateSpec spec;
  private final GeneratePlan plan;

  /** Waves that are to be made although the table may have them. */
  private final Set<Integer> again;

  /** What waves read their batches from, if they are not to be counted out. */
  private final Optional<BatchTable> batches;

  private final WaveRecords records;
  private final WaveTables tables;
  private final AtomicInteger removed = new AtomicInteger();

  WaveCommitter(
      GenerateStart.Place place,
      RunManifest manifest,
      GenerateSpec spec,
      GeneratePlan plan,
      Set<Integer> again,
      Optional<BatchTable> batches) {
    this.place = place;
    this.batches = batches;
    this.again = Set.copyOf(again);
    this.manifest = manifest;
    this.spec = spec;
    this.plan = plan;
    records = place.folder().records(manifest);
    tables =
        new WaveTables(
            place.spark().session(),
            place.folder().root().toString(),
            manifest.runId(),
            place.lock()::check);
  }

  /** Returns how many files and folders of other writers were removed. */
  int removed() {
    return removed.get();
  }

  /**
   * Makes and commits a wave of this run alone.
   *
   * @param queued run when its images are in Spark's queue
   */
  void make(Wave wave, Runnable queued) {
    make(
        wave,
        new Source(
            batches(wave).images(new GeneratePartition(spec, wave)), GenerateStart.WAVES, queued));
  }

  /** Returns the batches that a wave needs. */
  WaveBatches batches(Wave wave) {
    SampleBatches grouped = spec.sampling().batches();
    return new WaveBatches(
        place.spark().session(),
        batches,
        new SampleRange(grouped.batchOf(wave.first()), grouped.batchOf(wave.end() - 1) + 1),
        plan.partitions(wave));
  }

  GenerateSpec spec() {
    return spec;
  }

  /** Returns whether a wave is part of the run already. */
  boolean holds(Wave wave) {
    return records.find(wave.number()).isPresent();
  }

  /**
   * Where a wave comes from.
   *
   * @param rows its images
   * @param pool of the job that writes them
   * @param queued run when that job is in Spark's queue
   */
  record Source(WaveRows rows, String pool, Runnable queued) {}

  /** Makes and commits a wave. */
  void make(Wave wave, Source source) {
    if (holds(wave)) {
      return; // by the process that this one took over from, just now
    }
    for (int attempt = 1; ; attempt++) {
      // No record means that whatever is there is left from a writer that is gone, or will be.
      place.folder().clear(wave.number(), place.lock());
      String writeId = UUID.randomUUID().toString();
      try {
        WrittenImages images = attempt(wave, writeId, source);
        if (images.hold(wave.first(), wave.end())) {
          return;
        }
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "Cannot commit wave %d of '%s': %d rows of its samples %d to %d are there, in %s"
                  .formatted(
                      wave.number(),
                      place.folder(),
                      images.rows(),
                      wave.first(),
                      wave.end() - 1,
                      images.samples()));
        }
      } catch (RuntimeException e) {
        throw removedIfLost(wave, writeId, e);
      }
    }
  }

  /** Makes a wave, and commits it if its rows are all there. */
  private WrittenImages attempt(Wave wave, String writeId, Source source) {
    long start = System.nanoTime();
    boolean isInTable = isInTable(wave);
    WrittenImages images = isInTable ? imagesOfTable(wave, writeId) : images(wave, writeId, source);
    if (images.hold(wave.first(), wave.end())) {
      WrittenLatency latency = latency(wave, writeId, images);
      if (place.table().isPresent()) {
        if (!isInTable) {
          commitToTable(wave, images);
        }
        place.folder().removeImages(wave.number(), place.lock());
      }
      long wallNanos = System.nanoTime() - start;
      commit(
          writeId,
          wave,
          place.table().isPresent()
              ? WaveFiles.besideTable(files(latency.files()))
              : new WaveFiles(files(images.files()), files(latency.files())),
          new WaveSums(images.rows(), images.failed(), latency.workNanos(), wallNanos));
    }
    return images;
  }

  private boolean isInTable(Wave wave) {
    return place.table().isPresent()
        && !again.contains(wave.number())
        && inTable(wave, "looking at the table", table -> table.holds(named(wave)));
  }

  private WrittenImages imagesOfTable(Wave wave, String writeId) {
    return inTable(
        wave,
        "reading the table",
        table ->
            counted(
                tables.writeImages(table.rows(named(wave), wave.end()), wave.number(), writeId)));
  }

  private void commitToTable(Wave wave, WrittenImages images) {
    List<String> files =
        images.files().stream()
            .map(file -> place.folder().images(wave.number()) + "/" + file.name())
            .toList();
    // What cannot be taken back is done by the owner of the run alone.
    place.lock().check();
    inTable(
        wave,
        "writing to the table",
        table -> {
          if (again.contains(wave.number())) {
            table.commitAgain(named(wave), files);
          } else {
            table.commit(named(wave), files);
          }
          return table;
        });
  }

  private <T> T inTable(Wave wave, String description, Function<LakeWaves, T> work) {
    return place
        .watch()
        .run(
            "table " + wave.number(),
            "wave %d of %d: %s".formatted(wave.number() + 1, manifest.plan().waves(), description),
            GenerateStart.RECORDS,
            () -> {},
            () -> work.apply(place.table().orElseThrow()));
  }

  private WaveOfRun named(Wave wave) {
    return new WaveOfRun(
        manifest.runId(), wave.number(), new SampleRange(wave.first(), wave.end()));
  }

  /**
   * Returns the reason of a failure. If that is the loss of the folder, nobody else knows of what
   * this write left there, perhaps in a wave that is committed by now.
   */
  private RuntimeException removedIfLost(Wave wave, String writeId, RuntimeException failure) {
    try {
      place.lock().check();
      return failure;
    } catch (LockLostException lost) {
      if (lost != failure) {
        lost.addSuppressed(failure);
      }
      try {
        removeWrite(wave, writeId);
      } catch (RuntimeException e) {
        lost.addSuppressed(e);
      }
      return lost;
    }
  }

  private void removeWrite(Wave wave, String writeId) {
    place.watch().awaitTasks(imagesWork(wave));
    place.watch().awaitTasks(latencyWork(wave));
    tables.removeWrite(wave.number(), writeId);
    if (holds(wave)) {
      // Its owner looks into the folder no more.
      tables.removeEmptyFolders(wave.number());
    }
  }

  private String imagesWork(Wave wave) {
    return "wave %d of %s".formatted(wave.number(), manifest.runId());
  }

  private String latencyWork(Wave wave) {
    return "latency %d of %s".formatted(wave.number(), manifest.runId());
  }

  private WrittenImages images(Wave wave, String writeId, Source source) {
    return place
        .watch()
        .run(
            imagesWork(wave),
            "wave %d of %d: images %d to %d"
                .formatted(
                    wave.number() + 1, manifest.plan().waves(), wave.first(), wave.end() - 1),
            source.pool(),
            source.queued(),
            () ->
                counted(
                    tables.writeImages(
                        ImagesSchema.commented(source.rows().rows()), wave.number(), writeId)));
  }

  private WrittenImages counted(WrittenImages images) {
    removed.addAndGet(images.removed().size());
    return images;
  }

  private WrittenLatency latency(Wave wave, String writeId, WrittenImages images) {
    if (spec.execution().latency() == LatencyMode.OFF) {
      return WrittenLatency.NONE;
    }
    WrittenLatency latency =
        place
            .watch()
            .run(
                latencyWork(wave),
                "wave %d of %d: latency".formatted(wave.number() + 1, manifest.plan().waves()),
                GenerateStart.RECORDS,
                () -> {},
                () -> tables.writeLatency(images.files(), wave.number(), writeId));
    removed.addAndGet(latency.removed().size());
    return latency;
  }

  private void commit(String writeId, Wave wave, WaveFiles files, WaveSums sums) {
    records.commit(
        new WaveRecord(manifest.runId(), wave, writeId, files, sums, Instant.now()), place.lock());
  }

  private static List<DataFile> files(List<WrittenFile> files) {
    return files.stream()
        .map(file -> new DataFile(file.name(), file.bytes(), file.rows(), file.footerSha256()))
        .toList();
  }
}
