package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.export.ExportFormat;
import io.tandem.export.PictureWriter;
import io.tandem.image.ImageCodec;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.spark.SessionSettings;
import io.tandem.table.RunSamples;
import io.tandem.table.SampleRange;
import io.tandem.table.SampleTally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Hands the pictures of a run on, in the order of their samples.
 *
 * <p>Goes through the table twice, the first time without pictures: an export that would have gaps
 * ends before it begins, and the number of pictures is known before the first of them, as npz needs
 * it. Needs no Spark, only its settings of file systems: one writer takes pictures in order as fast
 * as one disk does. Changes nothing of the run.
 */
public final class ExportJob {

  /** Pictures between two reports of progress. */
  private static final int REPORTED = 64;

  /** Ranges of samples that a message names. */
  private static final int NAMED = 10;

  private final Request request;
  private final Listener listener;

  /** What becomes of samples without a picture. */
  public enum Gaps {
    REFUSED,
    LEFT_OUT
  }

  /**
   * What is to be exported, and where to.
   *
   * @param run folder of the run
   * @param target where to
   * @param images how many samples, from the first one on; all if it is empty
   * @param gaps what becomes of samples without a picture
   * @param spark settings, of which those of file systems count
   */
  public record Request(
      String run, Target target, OptionalLong images, Gaps gaps, SessionSettings spark) {}

  /**
   * Where pictures go.
   *
   * @param format their form
   * @param place local path of a file or folder that is not there yet
   * @param shardPictures of each tar file
   */
  public record Target(ExportFormat format, Path place, int shardPictures) {}

  /** Who wants to know how far it is. */
  @FunctionalInterface
  public interface Listener {

    /** Takes note that {@code done} of {@code pictures} pictures are written. */
    void progressed(long done, long pictures);
  }

  /** Prepares a job, which runs once. */
  public ExportJob(Request request, Listener listener) {
    this.request = request;
    this.listener = listener;
  }

  /**
   * Exports.
   *
   * @throws UserError if there is no run, it keeps no pictures or lacks some, a file is damaged, or
   *     nothing can be written where it should be
   */
  public ExportResult run() {
    long start = System.nanoTime();
    ExportFormat.checkFree(request.target.place());
    try (RunFolder folder = RunFolder.openToRead(request.run, request.spark.hadoop())) {
      RunManifest manifest = folder.manifest().orElseThrow();
      checkKeepsPictures(manifest);
      long samples = samples(manifest);
      try (RunImages images = RunImages.open(request.spark, folder, manifest, samples)) {
        RunSamples rows = new RunSamples(folder.system().getConf(), images.root(), images.waves());
        return exported(rows, manifest, samples, start);
      }
    }
  }

  private ExportResult exported(RunSamples rows, RunManifest manifest, long samples, long start) {
    SampleTally tally = new SampleTally();
    rows.keys(samples, tally::add);
    ExportResult.Gaps gaps =
        new ExportResult.Gaps(
            tally.missing(samples), tally.failed(), tally.firstError().orElse(""));
    if (!gaps.areNone() && request.gaps == Gaps.REFUSED) {
      throw UserError.of(
          "Cannot export '%s': %s. %s", request.run, described(gaps, samples), advice(gaps));
    }
    check(
        tally.pictures() > 0,
        "Cannot export '%s': none of its samples has a picture. Make some with generate first.",
        request.run);
    write(rows, samples, tally.pictures());
    return new ExportResult(
        manifest.runId(),
        request.target.format().toString(),
        request.target.place().toString(),
        pictures(tally),
        gaps,
        (System.nanoTime() - start) / 1e9);
  }

  private void checkKeepsPictures(RunManifest manifest) {
    String none = ImageCodec.NONE.name().toLowerCase(Locale.ROOT);
    check(
        !none.equals(manifest.settings().options().get("image-format")),
        "Cannot export '%s': it keeps no pictures (it was made with --image-format none). Make it"
            + " again with --image-format png.",
        request.run);
  }

  private long samples(RunManifest manifest) {
    long planned = manifest.plan().images();
    long samples = request.images.orElse(planned);
    check(
        samples >= 1 && samples <= planned,
        "Cannot export %d images of '%s': it is a run of %d (1 to %d). Correct --images, or make"
            + " the run longer with generate.",
        samples,
        request.run,
        planned,
        planned);
    return samples;
  }

  private static String described(ExportResult.Gaps gaps, long samples) {
    List<String> found = new ArrayList<>();
    if (!gaps.missing().isEmpty()) {
      found.add(
          "%d of %d samples are missing, since their waves are not committed (%s)"
              .formatted(gaps.missingSamples(), samples, first(gaps.missing())));
    }
    if (!gaps.failed().isEmpty()) {
      found.add(
          "%d of %d samples failed (%s; the first one: %s)"
              .formatted(gaps.failedSamples(), samples, first(gaps.failed()), gaps.firstError()));
    }
    return String.join(", and ", found);
  }

  private static String first(List<SampleRange> ranges) {
    String named =
        String.join(", ", ranges.stream().limit(NAMED).map(SampleRange::toString).toList());
    return ranges.size() > NAMED ? named + " and others" : named;
  }

  private static String advice(ExportResult.Gaps gaps) {
    long whole =
        Stream.of(gaps.missing(), gaps.failed())
            .flatMap(Collection::stream)
            .mapToLong(SampleRange::first)
            .min()
            .orElseThrow();
    String again =
        "Make them with generate" + (gaps.failed().isEmpty() ? "" : " and --retry-failed");
    String fewer = whole == 0 ? "" : ", export the first ones with --images " + whole;
    return again + fewer + ", or leave them out with --allow-failed.";
  }

  private void write(RunSamples rows, long samples, long pictures) {
    Target target = request.target;
    try (PictureWriter writer =
        target.format().open(target.place(), pictures, target.shardPictures())) {
      long[] done = new long[1];
      listener.progressed(0, pictures);
      rows.pictures(
          samples,
          picture -> {
            writer.write(picture);
            done[0]++;
            if (done[0] % REPORTED == 0) {
              listener.progressed(done[0], pictures);
            }
          });
      check(
          done[0] == pictures,
          "Cannot export '%s': somebody changed it meanwhile. Export it when nobody does.",
          request.run);
      writer.commit();
      listener.progressed(pictures, pictures);
    }
  }

  private ExportResult.Pictures pictures(SampleTally tally) {
    Collection<Long> counts = tally.perClass().values();
    return new ExportResult.Pictures(
        tally.pictures(),
        bytes(request.target.place()),
        counts.size(),
        counts.stream().mapToLong(Long::longValue).min().orElse(0),
        counts.stream().mapToLong(Long::longValue).max().orElse(0));
  }

  private static long bytes(Path place) {
    try (Stream<Path> files = Files.walk(place)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
