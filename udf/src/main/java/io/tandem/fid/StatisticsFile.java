package io.tandem.fid;

import io.tandem.base.UserError;
import io.tandem.npz.NpzArray;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Statistics in an {@code .npz} file: {@code mu} [d] and {@code sigma} [d, d] as pytorch-fid and
 * EDM have them, float64 or float32, and {@code count}, int64, which theirs lack.
 *
 * @see <a href="https://github.com/mseitzer/pytorch-fid/blob/0.3.0/src/pytorch_fid/fid_score.py">
 *     pytorch-fid, save_fid_stats</a>
 */
public final class StatisticsFile {

  private static final String MEAN = "mu";
  private static final String COVARIANCE = "sigma";
  private static final String COUNT = "count";

  private StatisticsFile() {}

  /**
   * Writes {@code statistics} in float64; {@code count} only if it is known.
   *
   * @throws UserError if no file can be made there
   */
  public static void write(Path file, GaussianStatistics statistics) {
    int d = statistics.dimension();
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.doubles(MEAN, statistics.mean(), d);
      npz.doubles(COVARIANCE, statistics.covariance().toArray(), d, d);
      statistics.count().ifPresent(count -> npz.longs(COUNT, new long[] {count}));
      npz.commit();
    }
  }

  /**
   * Reads statistics.
   *
   * @throws UserError if the file cannot be read, lacks an array, or holds no mean and covariance
   */
  public static GaussianStatistics read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      NpzArray mean = npz.array(MEAN);
      NpzArray covariance = npz.array(COVARIANCE);
      Optional<NpzArray> count = npz.find(COUNT);
      long d = mean.shape().size() == 1 ? mean.shape().get(0) : 0;
      if (d == 0 || !covariance.shape().equals(List.of(d, d))) {
        throw refused(
            file,
            "mu is %s, sigma %s ([d] and [d, d])".formatted(mean.shape(), covariance.shape()));
      }
      if (count.isPresent() && !List.of(List.of(), List.of(1L)).contains(count.get().shape())) {
        throw refused(file, "count is %s (one number)".formatted(count.get().shape()));
      }
      return checked(
          file,
          mean.toDoubles(),
          Matrix.owning((int) d, (int) d, covariance.toDoubles()),
          count.map(array -> OptionalLong.of(array.toLongs()[0])).orElse(OptionalLong.empty()));
    }
  }

  private static GaussianStatistics checked(
      Path file, double[] mean, Matrix covariance, OptionalLong count) {
    Optional<String> fault = GaussianStatistics.fault(mean, covariance, count);
    if (fault.isPresent()) {
      throw refused(file, fault.get());
    }
    return GaussianStatistics.of(mean, covariance, count);
  }

  private static UserError refused(Path file, String found) {
    return UserError.of(
        "Cannot use the statistics in '%s': %s. Use a file of feature statistics.", file, found);
  }
}
