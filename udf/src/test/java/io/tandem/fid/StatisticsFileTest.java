package io.tandem.fid;

import static io.tandem.fid.GoldenSets.X;
import static io.tandem.fid.GoldenSets.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsFileTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("reference.npz");
  }

  @Test
  void keepsEveryBit() {
    GaussianStatistics before = statistics(X);
    StatisticsFile.write(file, before);

    GaussianStatistics after = StatisticsFile.read(file);

    assertThat(after.mean()).isEqualTo(before.mean());
    assertThat(after.covariance()).isEqualTo(before.covariance());
    assertThat(after.count()).hasValue(64);
    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.names()).containsExactly("mu", "sigma", "count");
      assertThat(npz.array("sigma").format()).isEqualTo(NumberFormat.FLOAT64);
      assertThat(npz.array("sigma").shape()).containsExactly(8L, 8L);
      assertThat(npz.array("count").shape()).isEmpty();
    }
  }

  @Test
  void readsFilesOfOtherTools() {
    write(
        npz -> {
          npz.floats("sigma", new float[] {2, 0.5f, 0.5f, 1}, 2, 2);
          npz.floats("mu", new float[] {1, -1}, 2);
          npz.bytes("arr_0", new byte[12], 1, 2, 2, 3);
        });

    GaussianStatistics statistics = StatisticsFile.read(file);

    assertThat(statistics.mean()).containsExactly(1, -1);
    assertThat(statistics.covariance()).isEqualTo(Matrix.of(2, 2, 2, 0.5, 0.5, 1));
    assertThat(statistics.count()).isEqualTo(OptionalLong.empty());
    Path again = folder.resolve("again.npz");
    StatisticsFile.write(again, statistics);
    assertThat(StatisticsFile.read(again).count()).isEqualTo(OptionalLong.empty());
  }

  @Test
  void rejectsAFileWithoutStatistics() {
    write(npz -> npz.bytes("arr_0", new byte[3], 3));

    assertThatThrownBy(() -> StatisticsFile.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read array 'mu' of '%s': there is none (it holds [arr_0])", file);
  }

  @Test
  void rejectsSizesThatDoNotMatch() {
    write(
        npz -> {
          npz.doubles("mu", new double[2], 2);
          npz.doubles("sigma", new double[9], 3, 3);
        });

    assertRefused("mu is [2], sigma [3, 3] ([d] and [d, d])");
  }

  @Test
  void rejectsAMeanOfTwoAxes() {
    write(
        npz -> {
          npz.doubles("mu", new double[2], 1, 2);
          npz.doubles("sigma", new double[4], 2, 2);
        });

    assertRefused("mu is [1, 2], sigma [2, 2] ([d] and [d, d])");
  }

  @Test
  void rejectsNumbersThatAreNone() {
    write(
        npz -> {
          npz.doubles("mu", new double[] {0, Double.POSITIVE_INFINITY}, 2);
          npz.doubles("sigma", new double[4], 2, 2);
        });

    assertRefused("number 1 of the mean is Infinity (finite)");
  }

  @Test
  void rejectsACovarianceThatIsNotSymmetric() {
    write(
        npz -> {
          npz.doubles("mu", new double[2], 2);
          npz.doubles("sigma", new double[] {1, 0.5, 0.25, 1}, 2, 2);
        });

    assertRefused("numbers [1, 0] and [0, 1] of the covariance are 0.25 and 0.5 (equal)");
  }

  @Test
  void rejectsTooFewSamples() {
    write(
        npz -> {
          npz.doubles("mu", new double[1], 1);
          npz.doubles("sigma", new double[1], 1, 1);
          npz.longs("count", new long[] {1}, 1);
        });

    assertRefused("they are of 1 samples (at least 2)");
  }

  @Test
  void rejectsSeveralCounts() {
    write(
        npz -> {
          npz.doubles("mu", new double[1], 1);
          npz.doubles("sigma", new double[1], 1, 1);
          npz.longs("count", new long[] {5, 6}, 2);
        });

    assertRefused("count is [2] (one number)");
  }

  @Test
  void rejectsNumbersOfAnotherFormat() {
    write(
        npz -> {
          npz.longs("mu", new long[1], 1);
          npz.doubles("sigma", new double[1], 1, 1);
        });

    assertThatThrownBy(() -> StatisticsFile.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use array 'mu': its numbers are INT64 (FLOAT64, FLOAT32 needed)");
  }

  @Test
  void statisticsThatAreNoneAreRejectedWithoutAFileToo() {
    assertThatThrownBy(() -> GaussianStatistics.of(new double[2], Matrix.diagonal(1)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use statistics of features: the mean has 2 numbers, the covariance 1 x 1 (d and"
                + " d x d, d at least 1)");
    assertThatThrownBy(() -> GaussianStatistics.of(new double[2], Matrix.diagonal(1, Double.NaN)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use statistics of features: number [1, 1] of the covariance is NaN (finite)");
  }

  private void assertRefused(String found) {
    assertThatThrownBy(() -> StatisticsFile.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the statistics in '%s': %s. Use a file of feature statistics.",
            file, found);
  }

  private void write(Consumer<NpzWriter> content) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      content.accept(npz);
      npz.commit();
    }
  }
}
