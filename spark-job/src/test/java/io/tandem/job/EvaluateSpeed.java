package io.tandem.job;

import io.tandem.executor.BlockSums;
import io.tandem.fid.FeatureMoments;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.Matrix;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.scores.Balls;
import io.tandem.scores.PrecisionRecall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Measures what follows the features of an evaluation, on a machine that does nothing else:
 * moments, the Fréchet distance at full rank and of fewer samples than features, and precision and
 * recall, all of synthetic features of Inception's size.
 *
 * <p>Arguments: generated vectors (50000), real vectors (10000). FID from stored features is
 * measured by a second {@code tandem evaluate --metrics fid --errors none} of the same images,
 * whose JSON has the seconds of each step; the moments of the first one, {@code moments-*.bin} in
 * the folder of the features, are removed before.
 */
final class EvaluateSpeed {

  private static final int FEATURES = 2048;

  private EvaluateSpeed() {}

  /** Prints a line for each step. */
  public static void main(String[] arguments) {
    int generated = Integer.parseInt(arguments[0]);
    int real = Integer.parseInt(arguments[1]);
    LibTorchAlgebra algebra = new LibTorchAlgebra();
    List<float[]> some = vectors(1, generated);
    FeatureMoments moments =
        timed(
            "moments of %d vectors by one thread".formatted(generated),
            () -> FeatureMoments.sum(blocks(some)));
    FeatureSet others = FeatureSet.of(vectors(2, real));
    GaussianStatistics full = others.moments(new double[FEATURES]).statistics();
    double[] ones = {1, 0, 0, 1};
    timed("libtorch loaded", () -> algebra.eigen(Matrix.of(2, 2, ones)));
    FrechetDistance toFull =
        timed("root of a covariance of full rank", () -> FrechetDistance.to(full, algebra));
    GaussianStatistics many = moments.statistics();
    timed("distance at full rank", () -> toFull.from(many));
    timed("both of them once more", () -> FrechetDistance.between(full, many, algebra));
    GaussianStatistics few = others.range(0, 1000).moments(new double[FEATURES]).statistics();
    timed("root and distance of 1000 vectors", () -> FrechetDistance.between(few, few, algebra));
    FeatureSet all = FeatureSet.of(some);
    timed(
        "precision and recall of %d and %d vectors".formatted(real, generated),
        () ->
            PrecisionRecall.Result.of(
                List.of(overlap(others, all, algebra)), real, PrecisionRecall.Rule.KYNKAANNIEMI));
  }

  private static PrecisionRecall.Overlap overlap(
      FeatureSet real, FeatureSet generated, LibTorchAlgebra algebra) {
    PrecisionRecall.Rule rule = PrecisionRecall.Rule.KYNKAANNIEMI;
    return PrecisionRecall.Overlap.of(
        Balls.of(real, rule.neighbours(), algebra),
        Balls.of(generated, rule.neighbours(), algebra),
        rule,
        algebra);
  }

  private static Iterable<FeatureMoments> blocks(List<float[]> vectors) {
    List<List<float[]>> blocks = new ArrayList<>();
    for (int from = 0; from < vectors.size(); from += 1000) {
      blocks.add(vectors.subList(from, Math.min(from + 1000, vectors.size())));
    }
    return () -> blocks.stream().map(BlockSums::moments).map(FeatureMoments::ofBytes).iterator();
  }

  private static List<float[]> vectors(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> vectors = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      float[] vector = new float[FEATURES];
      for (int i = 0; i < FEATURES; i++) {
        vector[i] = (float) random.nextDouble();
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private static <T> T timed(String step, Supplier<T> work) {
    long start = System.nanoTime();
    T result = work.get();
    System.out.printf(Locale.ROOT, "%s: %.2f s%n", step, (System.nanoTime() - start) / 1e9);
    return result;
  }
}
