package io.tandem.job;

import io.tandem.run.ImageCounts;
import io.tandem.run.RunManifest;
import io.tandem.run.RunStatus;
import io.tandem.table.RunRow;
import io.tandem.table.SampleRange;
import java.util.List;
import java.util.Optional;

/**
 * What a page on a run tells.
 *
 * @param subject which run it is
 * @param amounts how much there is of it
 * @param timing how fast it was
 * @param pictures some of it, by class, then by sample
 * @param failures what went wrong
 * @param command arguments of {@code tandem} that make the same images again
 */
public record RunReport(
    Subject subject,
    Amounts amounts,
    Timing timing,
    List<Thumbnail> pictures,
    Failures failures,
    List<String> command) {

  public RunReport {
    pictures = List.copyOf(pictures);
    command = List.copyOf(command);
  }

  /**
   * Which run it is.
   *
   * @param place its folder, as the user gave it
   * @param manifest what {@code run.json} says
   * @param status what {@code status.json} says, if it is there
   * @param starts that came to their end, in order
   */
  public record Subject(
      String place, RunManifest manifest, Optional<RunStatus> status, List<RunRow> starts) {

    public Subject {
      starts = List.copyOf(starts);
    }
  }

  /**
   * How much there is.
   *
   * @param images how many
   * @param waves committed
   * @param plannedWaves all of them
   * @param bytes of the tables
   */
  public record Amounts(ImageCounts images, int waves, int plannedWaves, long bytes) {}

  /**
   * How fast it was.
   *
   * @param latency of scales
   * @param throughput over time
   */
  public record Timing(LatencySummary latency, Throughput throughput) {}

  /**
   * A small picture of a sample.
   *
   * @param sampleIndex its index
   * @param classId its class
   * @param className name of the class, if it has one
   * @param png a PNG file, which nobody changes
   * @param width of the file in pixels
   * @param height of the file in pixels
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Thumbnail(
      long sampleIndex,
      int classId,
      Optional<String> className,
      byte[] png,
      int width,
      int height) {}

  /**
   * Samples that could not be decoded.
   *
   * @param count how many
   * @param reasons the most frequent ones first; further ones are left out
   */
  public record Failures(long count, List<Reason> reasons) {

    public Failures {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * Why samples failed.
   *
   * @param error what they say
   * @param count how many say so
   * @param samples the first ones
   */
  public record Reason(String error, long count, List<SampleRange> samples) {

    public Reason {
      samples = List.copyOf(samples);
    }
  }
}
