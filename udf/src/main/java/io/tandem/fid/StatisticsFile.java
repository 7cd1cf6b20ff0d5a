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
 * EDM have them, float64 or float32, and {@code count}, int64, which theirs lack. Other arrays are
 * no concern of it, so it reads ADM's reference files too.
 *
 * @see <a href="https://github.com/mseitzer/pytorch-fid/blob/0.3.0/src/pytorch_fid/fid_score.py">
 *     pytorch-fid, save_fid_stats</a>
 */
public final class StatisticsFile {

  static final String MEAN = "mu";
  static final String COVARIANCE = "sigma";
  private static final String COUNT = "count";

  private StatisticsFile() {}

  /**
   * Writes {@code statistics} in float64; {@code count} only if it is known.
   *
   * @throws UserError if no file can be made there
   */
  public static void write(Path file, GaussianStatistics statistics) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      write(npz, statistics);
      npz.commit();
    }
  }

  static void write(NpzWriter npz, GaussianStatistics statistics) {
    write(npz, statistics, MEAN, COVARIANCE);
    statistics.count().ifPresent(count -> npz.longs(COUNT, new long[] {count}));
  }

  static void write(
      NpzWriter npz, GaussianStatistics statistics, String meanName, String covarianceName) {
    int d = statistics.dimension();
    npz.doubles(meanName, statistics.mean(), d);
    npz.doubles(covarianceName, statistics.covariance().toArray(), d, d);
  }

  /**
   * Reads statistics. Their size is checked before they are.
   *
   * @throws UserError if the file cannot be read, lacks an array, or holds no mean and covariance
   */
  public static GaussianStatistics read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      return read(npz, file);
    }
  }

  static GaussianStatistics read(NpzFile npz, Path file) {
    Optional<NpzArray> count = Optional.empty();
    if (npz.has(COUNT)) {
      List<Long> shape = npz.shape(COUNT);
      if (!List.of(List.of(), List.of(1L)).contains(shape)) {
        throw refused(file, "count is %s (one number)".formatted(shape));
      }
      count = npz.find(COUNT);
    }
    return read(
        npz,
        file,
        MEAN,
        COVARIANCE,
        count.map(array -> OptionalLong.of(array.toLongs()[0])).orElse(OptionalLong.empty()));
  }

  static GaussianStatistics read(
      NpzFile npz, Path file, String meanName, String covarianceName, OptionalLong count) {
    List<Long> meanShape = npz.shape(meanName);
    List<Long> covarianceShape = npz.shape(covarianceName);
    long d = meanShape.size() == 1 ? meanShape.get(0) : 0;
    if (d == 0 || !covarianceShape.equals(List.of(d, d))) {
      throw refused(
          file,
          "%s is %s, %s %s ([d] and [d, d])"
              .formatted(meanName, meanShape, covarianceName, covarianceShape));
    }
    if (d > FeatureMoments.MAX_DIMENSION) {
      throw refused(
          file, "they are of %d features (at most %d)".formatted(d, FeatureMoments.MAX_DIMENSION));
    }
    double[] mean = npz.array(meanName).toDoubles();
    double[] covariance = npz.array(covarianceName).toDoubles();
    return checked(file, mean, Matrix.owning((int) d, (int) d, covariance), count);
  }

  private static GaussianStatistics checked(
      Path file, double[] mean, Matrix covariance, OptionalLong count) {
    Optional<String> fault = GaussianStatistics.fault(mean, covariance, count);
    if (fault.isPresent()) {
      throw refused(file, fault.get());
    }
    return GaussianStatistics.of(mean, covariance, count);
  }

  static UserError refused(Path file, String found) {
    return UserError.of(
        "Cannot use the statistics in '%s': %s. Use a file of feature statistics.", file, found);
  }
}
