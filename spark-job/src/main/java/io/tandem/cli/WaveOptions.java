package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.executor.SmallerBatches;
import io.tandem.job.GenerateConditions;
import io.tandem.job.GenerateConditions.OtherIdentity;
import io.tandem.job.GenerateConditions.Retry;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Options of how the work is cut and what may go wrong; none of them changes a sample. */
final class WaveOptions {

  private static final int MOST_PARTITIONS = 1_000_000;

  @Option(
      names = "--wave-images",
      paramLabel = "N",
      description = {
        "Images that are committed together, rounded up to whole batches (default: about five"
            + " minutes of work). Settled by the first start of a run."
      })
  private Long waveImages;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Tasks of a wave (default: two for each slot).")
  private Integer partitions;

  @Option(
      names = "--max-failed",
      defaultValue = "0",
      paramLabel = "N",
      description = {
        "Failed samples with which the exit code is 0 all the same (default ${DEFAULT-VALUE})."
      })
  private long maxFailed;

  @Option(names = "--retry-failed", description = "Make the waves again in which samples failed.")
  private boolean isRetry;

  @Option(
      names = "--allow-smaller-batches",
      description = {
        "Halve a batch that does not fit into memory, instead of failing its samples. Such samples"
            + " are marked, and may differ in their last bits."
      })
  private boolean areSmallerBatchesAllowed;

  @Option(
      names = "--accept-other-identity",
      description = {
        "Go on with a run on other processors, GPUs or versions than it was begun with."
      })
  private boolean isOtherIdentityAccepted;

  /**
   * Returns how the work is cut.
   *
   * @throws io.tandem.base.UserError if a number is out of range
   */
  GenerateConditions.Waves waves() {
    check(
        waveImages == null || waveImages >= 1,
        "Cannot make waves of %s images (1 or more). Correct --wave-images.",
        waveImages);
    check(
        partitions == null || (partitions >= 1 && partitions <= MOST_PARTITIONS),
        "Cannot cut a wave into %s tasks (1 to %d). Correct --partitions.",
        partitions,
        MOST_PARTITIONS);
    return new GenerateConditions.Waves(
        waveImages == null ? OptionalLong.empty() : OptionalLong.of(waveImages),
        partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions));
  }

  /** Returns what may go wrong. */
  GenerateConditions.Tolerance tolerance() {
    check(maxFailed >= 0, "Cannot accept %d failed samples (0 or more)", maxFailed);
    return new GenerateConditions.Tolerance(
        maxFailed,
        isRetry ? Retry.FAILED : Retry.NONE,
        areSmallerBatchesAllowed ? SmallerBatches.ALLOWED : SmallerBatches.REFUSED,
        isOtherIdentityAccepted ? OtherIdentity.ACCEPTED : OtherIdentity.REFUSED);
  }
}
