package io.tandem.job;

import io.tandem.executor.DeviceChoice;
import io.tandem.executor.SmallerBatches;
import io.tandem.metrics.LatencyMode;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LakeTable;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a data set is made, which changes none of its samples.
 *
 * @param out folder of the run
 * @param table that the images are committed to; empty if they stay in the folder
 * @param waves how the work is cut
 * @param tolerance what may go wrong
 * @param execution on what
 * @param spark what Spark is started with
 */
public record GenerateConditions(
    String out,
    Optional<LakeTable> table,
    Waves waves,
    Tolerance tolerance,
    Execution execution,
    SessionSettings spark) {

  /** Of a run whose images stay in its folder. */
  public GenerateConditions(
      String out, Waves waves, Tolerance tolerance, Execution execution, SessionSettings spark) {
    this(out, Optional.empty(), waves, tolerance, execution, spark);
  }

  /**
   * How the work is cut.
   *
   * @param images of each wave; empty for the usual number
   * @param partitions tasks of each wave; empty for the usual number
   */
  public record Waves(OptionalLong images, OptionalInt partitions) {}

  /**
   * What may go wrong.
   *
   * @param mostFailed failed samples with which a run still counts as good
   * @param retry what happens to samples that failed before
   * @param smallerBatches what happens to batches that do not fit
   * @param otherIdentity what happens where a run goes on with another numeric identity
   */
  public record Tolerance(
      long mostFailed, Retry retry, SmallerBatches smallerBatches, OtherIdentity otherIdentity) {}

  /** What happens to samples that failed before. */
  public enum Retry {
    /** Their waves are made again. */
    FAILED,
    /** They stay as they are. */
    NONE
  }

  /** What happens where a run goes on with another numeric identity. */
  public enum OtherIdentity {
    /** It does not. */
    REFUSED,
    /** New samples may differ in their last bits from what they would have been. */
    ACCEPTED
  }

  /**
   * On what.
   *
   * @param device of the tasks
   * @param precision as the user gave it, possibly {@code auto}
   * @param latency what is measured
   */
  public record Execution(DeviceChoice device, String precision, LatencyMode latency) {}

  /** Whom a run tells how it goes, and who may stop it. */
  public interface Companion {

    /** Takes a line for people. */
    void say(String line);

    /**
     * Told about once a second how many of all samples there are, those of unfinished waves too.
     */
    void progressed(long done, long images);

    /** Returns whether the run is to stop. */
    boolean isStopWished();
  }
}
