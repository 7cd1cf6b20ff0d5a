package io.tandem.fid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tandem.kernel.LibTorchAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The size of Inception's features. */
class FrechetDistanceIT {

  private static final int D = 2048;

  private final LinearAlgebra algebra = new LibTorchAlgebra();

  @Test
  void ofEqualCovariances() {
    double[] ones = new double[D];
    Arrays.fill(ones, 1);
    GaussianStatistics atZero = GaussianStatistics.of(new double[D], Matrix.diagonal(ones));
    GaussianStatistics atOne = GaussianStatistics.of(ones, Matrix.diagonal(ones));

    assertThat(FrechetDistance.between(atZero, atOne, algebra)).isEqualTo(D);
  }

  @Test
  void ofACovarianceThatIsHalfShared() {
    double[] half = new double[D * D];
    Arrays.fill(half, 0.5);
    double[] twos = new double[D];
    Arrays.fill(twos, 2);
    for (int i = 0; i < D; i++) {
      half[i * D + i] = 1;
    }
    GaussianStatistics shared = GaussianStatistics.of(new double[D], Matrix.of(D, D, half));
    GaussianStatistics twice = GaussianStatistics.of(new double[D], Matrix.diagonal(twos));

    // one eigenvalue is 1024.5, all others are 0.5
    assertThat(FrechetDistance.between(shared, twice, algebra))
        .isCloseTo(1959.4682376179498, withinPercentage(1e-10));
  }

  /** Fewer samples than features: singular, and still nothing between a set and itself. */
  @Test
  void ofFewerSamplesThanFeatures() {
    Random random = new Random(1);
    MomentBlocks blocks = new MomentBlocks(new double[D], 1000);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      float[] vector = new float[D];
      for (int k = 0; k < D; k++) {
        vector[k] = (float) Math.abs(random.nextGaussian());
      }
      vectors.add(vector);
      blocks.add(i, vector);
    }
    GaussianStatistics inBlocks = blocks.total().statistics();
    GaussianStatistics whole = FeatureMoments.of(new double[D], vectors).statistics();

    assertThat(FrechetDistance.between(inBlocks, whole, algebra) / whole.covariance().trace())
        .isBetween(-1e-12, 1e-12);
  }
}
