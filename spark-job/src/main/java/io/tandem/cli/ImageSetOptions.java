package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.job.TrainingImages;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Options that say which pictures a training learns from. */
final class ImageSetOptions {

  private static final int LARGEST_SIDE = 8192;

  @Option(
      names = "--images",
      paramLabel = "PLACE",
      description = {
        "What to learn from: a folder of class folders, a Parquet table with image and class_id, or"
            + " shapes, the procedural set."
      })
  private String place;

  @Option(
      names = "--image-size",
      paramLabel = "SIDE",
      description = {
        "Height and width of the pictures (default: what tokeniser and scales are for)."
      })
  private Integer side;

  @Option(
      names = "--shapes-seed",
      defaultValue = "1",
      paramLabel = "N",
      converter = SamplingOptions.SeedConverter.class,
      description = "Seed of the procedural set (default ${DEFAULT-VALUE}).")
  private long shapesSeed;

  @Option(
      names = "--shapes-count",
      defaultValue = "50000",
      paramLabel = "N",
      description = "Pictures of the procedural set (default ${DEFAULT-VALUE}).")
  private long shapesCount;

  /**
   * Returns where the pictures are.
   *
   * @throws io.tandem.base.UserError if nothing says so
   */
  TrainingImages.Source source() {
    check(
        place != null,
        "Cannot train without pictures. Pass --images FOLDER, --images TABLE or --images %s.",
        TrainingImages.SHAPES);
    return new TrainingImages.Source(place, shapesSeed, shapesCount);
  }

  /** Returns the side that the pictures must have, if it was given. */
  OptionalInt side() {
    check(
        side == null || (side >= 1 && side <= LARGEST_SIDE),
        "Cannot use --image-size %s (1 to %d)",
        side,
        LARGEST_SIDE);
    return side == null ? OptionalInt.empty() : OptionalInt.of(side);
  }
}
