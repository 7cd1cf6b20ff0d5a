package io.tandem.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.fid.FeatureSet;
import io.tandem.fid.FrechetDistance;
import io.tandem.fid.GaussianStatistics;
import io.tandem.fid.LinearAlgebra;
import io.tandem.fid.Matrix;
import io.tandem.kernel.LibTorchAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FidInfinityTest {

  @Test
  void sizesAreEvenlySpaced() {
    assertThat(FidInfinity.sizes(50_000))
        .containsExactly(
            5000, 8214, 11428, 14642, 17857, 21071, 24285, 27500, 30714, 33928, 37142, 40357, 43571,
            46785, 50_000);
    assertThat(FidInfinity.sizes(1000)).startsWith(100).endsWith(1000).hasSize(15).isSorted();
    assertThat(FidInfinity.sizes(20)).startsWith(2).endsWith(20);
  }

  @Test
  void findsALineThatIsThere() {
    int[] sizes = FidInfinity.sizes(50_000);
    double[] fids = Arrays.stream(sizes).mapToDouble(size -> 2.5 + 30_000.0 / size).toArray();

    FidInfinity.Line line = FidInfinity.fit(sizes, fids);

    assertThat(line.intercept()).isCloseTo(2.5, within(1e-12));
    assertThat(line.slope()).isCloseTo(30_000, within(1e-7));
  }

  /** FID of 3,000 samples of the reference itself is all bias. */
  @Test
  void takesTheBiasAway() {
    LinearAlgebra algebra = new LibTorchAlgebra();
    double[] ones = new double[16];
    Arrays.fill(ones, 1);
    FrechetDistance distance =
        FrechetDistance.to(GaussianStatistics.of(new double[16], Matrix.diagonal(ones)), algebra);
    FeatureSet samples = gaussian(3000);
    double fid = distance.from(samples.moments(new double[16]).statistics());

    FidInfinity.Line line = FidInfinity.of(samples, distance, 1, algebra);

    // 16 / N + 16 x 17 / 4 (N - 1) = 0.028
    assertThat(fid).isBetween(0.022, 0.035);
    assertThat(Math.abs(line.intercept())).isLessThan(0.4 * fid);
    assertThat(FidInfinity.of(samples, distance, 1, algebra)).isEqualTo(line);
  }

  @Test
  void needsTwentySamples() {
    assertThatThrownBy(() -> FidInfinity.sizes(19))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot extrapolate the FID of 19 samples (at least 20). Use more samples.");
  }

  private static FeatureSet gaussian(int samples) {
    Random random = new Random(4);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      float[] vector = new float[16];
      for (int k = 0; k < 16; k++) {
        vector[k] = (float) random.nextGaussian();
      }
      vectors.add(vector);
    }
    return FeatureSet.of(vectors);
  }
}
