package io.tandem.fid;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * Sums over feature vectors from which mean and covariance follow: how many there are, the sum of
 * their distances from a centre, and the sum of products of these.
 *
 * <p>Moments of disjoint sets about one centre add up, and can be subtracted again; sums of whole
 * numbers below 2^53 are exact in any order. Rounding errors grow with the square of the distance
 * between centre and mean, so features far from zero need a centre near them; network features that
 * are of order 1 do not. Immutable; d numbers in a vector, float64 throughout.
 */
public final class FeatureMoments implements Serializable {

  /** Numbers that a vector may have in a file or a cell: moments then take 67 MB. */
  public static final int MAX_DIMENSION = 4096;

  private static final long serialVersionUID = 1L;

  /** "TFM1" in little-endian order. */
  private static final int MAGIC = 0x314d4654;

  private static final int HEADER_BYTES = 16;

  private final double[] centre;
  private final long count;
  private final double[] sums;

  /** Upper triangle of [d, d], row by row. */
  private final double[] products;

  private FeatureMoments(double[] centre, long count, double[] sums, double[] products) {
    this.centre = centre;
    this.count = count;
    this.sums = sums;
    this.products = products;
  }

  /** Returns the moments of no vectors about {@code centre}. */
  public static FeatureMoments none(double[] centre) {
    int d = centre.length;
    return new FeatureMoments(centre.clone(), 0, new double[d], new double[triangle(d)]);
  }

  /**
   * Returns the moments of {@code vectors} about {@code centre}, summed in their order.
   *
   * @throws io.tandem.base.UserError if one has another length than {@code centre} or a number that
   *     is not finite
   */
  public static FeatureMoments of(double[] centre, List<float[]> vectors) {
    int d = centre.length;
    double[][] rows = new double[vectors.size()][d];
    for (int row = 0; row < rows.length; row++) {
      float[] vector = vectors.get(row);
      requireUsable(row, vector, d);
      for (int i = 0; i < d; i++) {
        rows[row][i] = vector[i] - centre[i];
      }
    }
    return ofShifted(centre, rows);
  }

  /**
   * Returns the moments of the rows [N, d] of {@code vectors} about {@code centre}, for vectors
   * that float32 does not hold.
   *
   * @param vectors of finite numbers
   */
  public static FeatureMoments ofRows(double[] centre, Matrix vectors) {
    if (vectors.columns() != centre.length) {
      throw new IllegalArgumentException(
          "Cannot take moments of a %s about a centre of %d".formatted(vectors, centre.length));
    }
    double[][] rows = new double[vectors.rows()][centre.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < centre.length; i++) {
        rows[row][i] = vectors.at(row, i) - centre[i];
      }
    }
    return ofShifted(centre, rows);
  }

  /** Returns the moments of vectors that {@code rows} are the distances from {@code centre} of. */
  private static FeatureMoments ofShifted(double[] centre, double[][] rows) {
    double[] sums = new double[centre.length];
    for (double[] row : rows) {
      add(sums, row, 1);
    }
    return new FeatureMoments(
        centre.clone(), rows.length, sums, ColumnProducts.upperTriangle(rows, centre.length));
  }

  /** Passes if a vector can go into a sum of vectors of length {@code d}. */
  static void requireUsable(long sample, float[] vector, int d) {
    check(
        vector.length == d,
        "Cannot use the features of sample %d: there are %d (%d are needed). Use features of one"
            + " network.",
        sample,
        vector.length,
        d);
    for (int i = 0; i < d; i++) {
      check(
          Float.isFinite(vector[i]),
          "Cannot use the features of sample %d: number %d is %s (finite). Check the pictures and"
              + " the weights of the feature network.",
          sample,
          i,
          vector[i]);
    }
  }

  /**
   * Returns the moments of all vectors of {@code parts}, added up in their order; a part is done
   * with when the next one is asked for.
   *
   * @param parts at least one
   */
  public static FeatureMoments sum(Iterable<FeatureMoments> parts) {
    Iterator<FeatureMoments> rest = parts.iterator();
    FeatureMoments first = rest.next();
    double[] sums = first.sums.clone();
    double[] products = first.products.clone();
    long count = first.count;
    while (rest.hasNext()) {
      FeatureMoments part = rest.next();
      first.requireSameCentre(part);
      add(sums, part.sums, 1);
      add(products, part.products, 1);
      count += part.count;
    }
    return new FeatureMoments(first.centre, count, sums, products);
  }

  /** Returns the moments of these vectors and those of {@code other}. */
  public FeatureMoments plus(FeatureMoments other) {
    return sum(List.of(this, other));
  }

  /** Returns the moments of these vectors without those of {@code other}, which are among them. */
  public FeatureMoments minus(FeatureMoments other) {
    requireSameCentre(other);
    if (other.count > count) {
      throw new IllegalArgumentException(
          "Cannot take %d vectors from %d".formatted(other.count, count));
    }
    double[] lessSums = sums.clone();
    double[] lessProducts = products.clone();
    add(lessSums, other.sums, -1);
    add(lessProducts, other.products, -1);
    return new FeatureMoments(centre, count - other.count, lessSums, lessProducts);
  }

  private static void add(double[] target, double[] summands, double sign) {
    for (int i = 0; i < target.length; i++) {
      target[i] += sign * summands[i];
    }
  }

  private void requireSameCentre(FeatureMoments other) {
    if (!Arrays.equals(centre, other.centre)) {
      throw new IllegalArgumentException("Cannot combine moments about different centres");
    }
  }

  /** Returns the point that the moments are about, d numbers. */
  public double[] centre() {
    return centre.clone();
  }

  /** Returns the sum of number {@code i} of all vectors less that of the centre. */
  double sum(int i) {
    return sums[i];
  }

  /** Returns the sum of products of numbers {@code row} and {@code column} less the centre's. */
  double product(int row, int column) {
    int low = Math.min(row, column);
    int high = Math.max(row, column);
    return products[low * centre.length - low * (low - 1) / 2 + high - low];
  }

  /**
   * Returns the moments as bytes, the same for equal moments, for a file or a cell of a table: see
   * {@link #ofBytes}.
   *
   * <p>Little-endian: {@code TFM1}, d (int32), count (int64), centre [d], sums [d] and the upper
   * triangle of the products row by row (float64), and the CRC-32 of all that (int32).
   */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate((int) bytes(centre.length));
    bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(MAGIC).putInt(centre.length).putLong(count);
    for (double[] numbers : List.of(centre, sums, products)) {
      bytes.asDoubleBuffer().put(numbers);
      bytes.position(bytes.position() + numbers.length * Double.BYTES);
    }
    bytes.putInt(checksum(bytes.array()));
    return bytes.array();
  }

  /**
   * Returns the moments that {@link #toBytes} gave.
   *
   * @throws io.tandem.base.UserError if the bytes are none, cut off, damaged, of more than {@link
   *     #MAX_DIMENSION} features, or say what no moments can; nothing is allocated before their
   *     number is known to be right
   */
  public static FeatureMoments ofBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    checkMoments(
        bytes.length >= HEADER_BYTES && buffer.getInt() == MAGIC, "they do not begin with TFM1");
    int d = buffer.getInt();
    checkMoments(
        d >= 1 && d <= MAX_DIMENSION, "they are of %d features (1 to %d)", d, MAX_DIMENSION);
    checkMoments(
        bytes.length == bytes(d),
        "there are %d bytes (%d for %d features)",
        bytes.length,
        bytes(d),
        d);
    checkMoments(
        buffer.getInt(bytes.length - Integer.BYTES) == checksum(bytes), "their checksum differs");
    long count = buffer.getLong();
    checkMoments(count >= 0, "they are of %d samples (at least 0)", count);
    double[] centre = doubles(buffer, d);
    double[] sums = doubles(buffer, d);
    return new FeatureMoments(centre, count, sums, doubles(buffer, triangle(d)));
  }

  private static double[] doubles(ByteBuffer buffer, int count) {
    double[] numbers = new double[count];
    buffer.asDoubleBuffer().get(numbers);
    buffer.position(buffer.position() + count * Double.BYTES);
    for (double number : numbers) {
      checkMoments(Double.isFinite(number), "a number is %s (finite)", number);
    }
    return numbers;
  }

  private static void checkMoments(boolean expected, String found, Object... args) {
    if (!expected) {
      throw UserError.of(
          "Cannot read moments of features: %s. Compute them again.",
          String.format(Locale.ROOT, found, args));
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }

  private static int triangle(int d) {
    return d * (d + 1) / 2;
  }

  private static long bytes(int d) {
    return HEADER_BYTES + Double.BYTES * (2L * d + triangle(d)) + Integer.BYTES;
  }

  /** Returns d, how many numbers a vector has. */
  public int dimension() {
    return centre.length;
  }

  /** Returns the number of vectors. */
  public long count() {
    return count;
  }

  /** What the sums of squares about the mean are divided by. */
  public enum Divisor {
    /** One less than the number of vectors, as almost all tools have it. */
    ONE_LESS,
    /** The number of vectors, as StyleGAN has it. */
    ALL
  }

  /** Returns the mean and the covariance of divisor {@code count - 1}; errors as below. */
  public GaussianStatistics statistics() {
    return statistics(Divisor.ONE_LESS);
  }

  /**
   * Returns the mean and the covariance.
   *
   * @throws io.tandem.base.UserError if there are fewer than two vectors
   */
  public GaussianStatistics statistics(Divisor divisor) {
    check(
        count >= 2,
        "Cannot compute the covariance of the features of %d samples (at least 2)",
        count);
    long divided = divisor == Divisor.ONE_LESS ? count - 1 : count;
    int d = centre.length;
    double[] mean = new double[d];
    Arrays.setAll(mean, i -> centre[i] + sums[i] / count);
    double[] covariance = new double[d * d];
    for (int row = 0, at = 0; row < d; row++) {
      for (int column = row; column < d; column++) {
        double number = (products[at++] - sums[row] * sums[column] / count) / divided;
        covariance[row * d + column] = number;
        covariance[column * d + row] = number;
      }
    }
    return GaussianStatistics.of(mean, Matrix.owning(d, d, covariance), OptionalLong.of(count));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureMoments moments
        && count == moments.count
        && Arrays.equals(centre, moments.centre)
        && Arrays.equals(sums, moments.sums)
        && Arrays.equals(products, moments.products);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(count) + Arrays.hashCode(sums);
  }

  @Override
  public String toString() {
    return "moments of " + count + " vectors of " + centre.length + " features";
  }
}
