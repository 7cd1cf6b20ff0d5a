package io.tandem.job;

import io.tandem.table.SampleRange;
import java.util.List;

/**
 * What an export came to.
 *
 * @param runId name of the run
 * @param format {@code npz}, {@code png} or {@code webdataset}
 * @param place where it is
 * @param pictures what is in it
 * @param leftOut what is not
 * @param seconds that it took
 */
public record ExportResult(
    String runId, String format, String place, Pictures pictures, Gaps leftOut, double seconds) {

  /**
   * What was exported.
   *
   * @param count pictures
   * @param bytes of all files
   * @param classes how many there are
   * @param fewestOfAClass pictures of the class with the fewest
   * @param mostOfAClass pictures of the class with the most
   */
  public record Pictures(
      long count, long bytes, int classes, long fewestOfAClass, long mostOfAClass) {}

  /**
   * Samples without a picture.
   *
   * @param missing samples without a row, because their waves are not committed; in order
   * @param failed samples that could not be decoded; in order
   * @param firstError what the first failed one says, empty if none failed
   */
  public record Gaps(List<SampleRange> missing, List<SampleRange> failed, String firstError) {

    public Gaps {
      missing = List.copyOf(missing);
      failed = List.copyOf(failed);
    }

    /** Returns the number of samples without a row. */
    public long missingSamples() {
      return missing.stream().mapToLong(SampleRange::count).sum();
    }

    /** Returns the number of samples that failed. */
    public long failedSamples() {
      return failed.stream().mapToLong(SampleRange::count).sum();
    }

    /** Returns whether every sample has a picture. */
    public boolean areNone() {
      return missing.isEmpty() && failed.isEmpty();
    }
  }
}
