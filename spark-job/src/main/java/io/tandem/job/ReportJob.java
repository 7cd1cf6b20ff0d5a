package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.image.ImageCodec;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.image.Thumbnails;
import io.tandem.run.CommittedWaves;
import io.tandem.run.ImageCounts;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.run.WaveRecord;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LatencyTable;
import io.tandem.table.PictureRow;
import io.tandem.table.RecordedWave;
import io.tandem.table.RunSamples;
import io.tandem.table.RunsTable;
import io.tandem.table.SampleKey;
import io.tandem.table.SampleRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Gathers what a page on a run tells. Reads records, the table of times, and of the table of images
 * everything but the pictures, of which only those that are shown. Needs no Spark, only its
 * settings of file systems. Changes nothing.
 */
public final class ReportJob {

  /** Pixels of a side of the pictures at most. */
  private static final int THUMBNAIL_PIXELS = 128;

  private static final int REASONS = 20;
  private static final int RANGES = 10;

  private final String run;
  private final SessionSettings spark;

  /**
   * Prepares a job, which runs once.
   *
   * @param run folder of the run
   * @param spark settings, of which those of file systems count
   */
  public ReportJob(String run, SessionSettings spark) {
    this.run = run;
    this.spark = spark;
  }

  /**
   * Gathers.
   *
   * @throws UserError if there is no run, or a file is missing or damaged
   */
  public RunReport run() {
    try (RunFolder folder = RunFolder.openToRead(run, spark.hadoop())) {
      RunManifest manifest = folder.manifest().orElseThrow();
      CommittedWaves committed = folder.records(manifest).committed();
      List<RecordedWave> waves = new ArrayList<>();
      List<Throughput.Done> waveTimes = new ArrayList<>();
      folder
          .records(manifest)
          .forEach(
              record -> {
                waves.add(RecordedWaves.of(record));
                waveTimes.add(done(record));
              });
      String root = folder.root().toString();
      try (RunImages images = RunImages.open(spark, folder, manifest, Long.MAX_VALUE)) {
        RunSamples samples =
            new RunSamples(folder.system().getConf(), images.root(), images.waves());
        SheetChoice choice = new SheetChoice();
        FailureTally failures = new FailureTally();
        Consumer<SampleKey> both = choice::add;
        samples.keys(Long.MAX_VALUE, both.andThen(failures::add));
        return new RunReport(
            new RunReport.Subject(
                folder.toString(),
                manifest,
                folder.status(),
                RunsTable.read(folder.system().getConf(), root)),
            new RunReport.Amounts(
                new ImageCounts(manifest.plan().images(), committed.images(), committed.failed()),
                committed.count(),
                manifest.plan().waves(),
                committed.bytes()),
            timing(folder, waves, waveTimes),
            pictures(manifest, samples, choice),
            failures.failures(),
            CommandOfRun.arguments(manifest, folder.toString()));
      }
    }
  }

  private static Throughput.Done done(WaveRecord record) {
    return Throughput.Done.ofNanos(
        record.committed().toEpochMilli() * 1000,
        record.sums().wallNanos(),
        record.sums().rows() - record.sums().failed());
  }

  private static RunReport.Timing timing(
      RunFolder folder, List<RecordedWave> waves, List<Throughput.Done> waveTimes) {
    LatencySummary.Collector latency = new LatencySummary.Collector();
    List<Throughput.Done> batchTimes = new ArrayList<>();
    LatencyTable.read(
        folder.system().getConf(),
        folder.root().toString(),
        waves,
        batch -> {
          latency.add(batch);
          batchTimes.add(
              Throughput.Done.ofNanos(
                  batch.createdMicros(), batch.stages().totalNanos(), batch.images()));
        });
    // Where no times were taken, waves are all that is known.
    return new RunReport.Timing(
        latency.summary(), Throughput.of(batchTimes.isEmpty() ? waveTimes : batchTimes));
  }

  private static List<RunReport.Thumbnail> pictures(
      RunManifest manifest, RunSamples samples, SheetChoice choice) {
    String none = ImageCodec.NONE.name().toLowerCase(Locale.ROOT);
    if (none.equals(manifest.settings().options().get("image-format"))) {
      return List.of();
    }
    return samples.pictures(choice.chosen()).stream()
        .sorted(
            Comparator.comparingInt((PictureRow row) -> row.sample().classId())
                .thenComparingLong(row -> row.sample().sampleIndex()))
        .map(ReportJob::thumbnail)
        .toList();
  }

  private static RunReport.Thumbnail thumbnail(PictureRow row) {
    RgbImage small = Thumbnails.of(row.pixels(), THUMBNAIL_PIXELS);
    return new RunReport.Thumbnail(
        row.sample().sampleIndex(),
        row.sample().classId(),
        row.sample().className(),
        PngCodec.encode(small),
        small.width(),
        small.height());
  }

  /** Counts samples that failed, by what they say. */
  private static final class FailureTally {

    /** Different errors that are told apart. */
    private static final int KINDS = 1000;

    private final Map<String, List<SampleRange>> first = new LinkedHashMap<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private long count;

    void add(SampleKey sample) {
      if (!sample.isFailed()) {
        return;
      }
      count++;
      String error = sample.error().orElseThrow();
      if (counts.size() >= KINDS && !counts.containsKey(error)) {
        return;
      }
      counts.merge(error, 1L, Long::sum);
      List<SampleRange> samples = first.computeIfAbsent(error, any -> new ArrayList<>());
      long index = sample.sampleIndex();
      int last = samples.size() - 1;
      if (last >= 0 && samples.get(last).end() == index) {
        samples.set(last, new SampleRange(samples.get(last).first(), index + 1));
      } else if (samples.size() < RANGES) {
        samples.add(new SampleRange(index, index + 1));
      }
    }

    RunReport.Failures failures() {
      return new RunReport.Failures(
          count,
          counts.entrySet().stream()
              .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
              .limit(REASONS)
              .map(
                  each ->
                      new RunReport.Reason(
                          each.getKey(), each.getValue(), first.get(each.getKey())))
              .toList());
    }
  }
}
