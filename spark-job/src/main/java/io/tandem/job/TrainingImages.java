package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.dataset.FolderImages;
import io.tandem.dataset.ImageSubset;
import io.tandem.dataset.LabelledImages;
import io.tandem.dataset.ShapeImages;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.table.ParquetImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A data set for training: pictures to learn from, and a few to look at that no step sees.
 *
 * @param learned what is learned from
 * @param shown at most {@value #SHOWN} others; of a data set of fewer than ten, its own
 * @param storage where the pictures are
 */
public record TrainingImages(LabelledImages learned, LabelledImages shown, Storage storage) {

  /** Where pictures are. */
  public enum Storage {
    /** In memory or computed: each is known to be good. */
    MEMORY,
    /** In files, which are read each time and may be damaged. */
    FILES
  }

  /** What users name the procedural data set by. */
  public static final String SHAPES = "shapes";

  /** Pictures on a sheet of reconstructions. */
  private static final int SHOWN = 10;

  /** One of so many pictures is held out at most. */
  private static final int HELD_OUT_OF = 10;

  /** Pictures that are checked between two reports. */
  private static final int CHECKED_TOGETHER = 256;

  private static final int SPARK_THREADS = 2;

  /**
   * Where pictures come from.
   *
   * @param place {@value #SHAPES}, a folder of class folders, or a Parquet table
   * @param shapesSeed seed of the procedural set
   * @param shapesCount its size
   */
  public record Source(String place, long shapesSeed, long shapesCount) {

    private static final String PARQUET = ".parquet";

    /**
     * Returns the pictures as squares of {@code side} pixels. A table is held in memory; Spark
     * reads it and ends.
     *
     * @throws UserError if there are no pictures, or of one class only, or one of a table cannot be
     *     used
     */
    public TrainingImages open(int side) {
      if (place.equals(SHAPES)) {
        return shapes(shapesSeed, shapesCount, side);
      }
      if (!isTable()) {
        return divided(FolderImages.read(Path.of(place), side), Storage.FILES);
      }
      try (EmbeddedSpark spark = EmbeddedSpark.open(SPARK_THREADS)) {
        return divided(ParquetImages.read(spark.session(), place, side), Storage.MEMORY);
      }
    }

    /** A table is a URI, a file, or a folder with Parquet files or {@code name=value} folders. */
    private boolean isTable() {
      if (place.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*") || Files.isRegularFile(Path.of(place))) {
        return true;
      }
      if (!Files.isDirectory(Path.of(place))) {
        return place.endsWith(PARQUET);
      }
      try (Stream<Path> entries = Files.list(Path.of(place))) {
        return entries.anyMatch(
            entry -> {
              String name = entry.getFileName().toString();
              return name.endsWith(PARQUET) || (name.contains("=") && Files.isDirectory(entry));
            });
      } catch (IOException e) {
        throw UserError.because(e, "Cannot read data set '%s': %s", place, e);
      }
    }
  }

  /** Returns pictures of the procedural set; what is shown has a seed of its own. */
  static TrainingImages shapes(long seed, long count, int side) {
    return new TrainingImages(
        ShapeImages.of(seed, side, count), ShapeImages.of(~seed, side, SHOWN), Storage.MEMORY);
  }

  private static TrainingImages divided(LabelledImages all, Storage storage) {
    int shown = (int) Math.min(SHOWN, all.size() / HELD_OUT_OF);
    return shown == 0
        ? new TrainingImages(all, all, storage)
        : new TrainingImages(
            ImageSubset.without(all, shown), ImageSubset.every(all, shown), storage);
  }

  /**
   * Reads all pictures that are in files once, so that a damaged one is found before the first
   * step.
   *
   * @param progress told how many pictures are read
   * @throws UserError that names a picture that cannot be used
   */
  void check(LongConsumer progress) {
    if (storage == Storage.MEMORY) {
      return;
    }
    read(shown, 0, shown.size());
    for (long first = 0; first < learned.size(); first += CHECKED_TOGETHER) {
      long end = Math.min(learned.size(), first + CHECKED_TOGETHER);
      read(learned, first, end);
      progress.accept(end);
    }
  }

  private static void read(LabelledImages images, long first, long end) {
    try {
      LongStream.range(first, end).parallel().forEach(images::image);
    } catch (UserError e) {
      // The first one at fault, whichever thread was faster.
      LongStream.range(first, end).forEach(images::image);
      throw e;
    }
  }
}
