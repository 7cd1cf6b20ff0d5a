package io.tandem.job;

import io.tandem.run.ImageCounts;
import java.util.Optional;

/**
 * What a start of {@code generate} came to.
 *
 * @param ending how
 * @param places where things are
 * @param images of the whole run
 * @param made what this start added
 */
public record GenerateResult(Ending ending, Places places, ImageCounts images, Made made) {

  /** Exit codes of a process that runs a job, as status and tables record them. */
  public static final int DONE = 0;

  /** The user's input is at fault. */
  public static final int INPUT = 2;

  /** Our fault, or a job that failed. */
  public static final int FAULT = 3;

  /** Finished, but more samples failed than may. */
  public static final int FAILED_SAMPLES = 4;

  /** Stopped, and the same command goes on. */
  public static final int INTERRUPTED = 5;

  /** How a start ended. */
  public enum Ending {
    /** There was nothing left to do. */
    NOTHING_TO_DO,
    /** All samples are there. */
    DONE,
    /** It was asked to stop; the same command goes on. */
    STOPPED
  }

  /**
   * Where things are.
   *
   * @param runId name of the run
   * @param table of images
   * @param contactSheet some of the pictures, if any are kept
   * @param summary for machines
   */
  public record Places(String runId, String table, Optional<String> contactSheet, String summary) {}

  /**
   * What a start added.
   *
   * @param images samples of waves that it committed
   * @param waves that it committed
   * @param seconds from the first wave to the last
   * @param removed files and folders of dead writers that were removed
   */
  public record Made(long images, int waves, double seconds, int removed) {

    static final Made NOTHING = new Made(0, 0, 0, 0);

    /** Returns the images per second, 0 if there are none. */
    public double imagesPerSecond() {
      return images == 0 ? 0 : images / seconds;
    }
  }
}
