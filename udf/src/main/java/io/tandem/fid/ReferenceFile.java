package io.tandem.fid;

import static io.tandem.base.Checks.check;

import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzArrayWriter;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzRows;
import io.tandem.npz.NpzWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * References in {@code .npz} files: the arrays of {@link StatisticsFile}; {@code mu_s} [s] and
 * {@code sigma_s} [s, s] of the spatial features and {@code arr_0}, uint8 [N, H, W, 3], pictures,
 * as ADM's files have them; and of our own {@code features}, float32 [n, d], the sample, and {@code
 * identity}, uint8, in UTF-8. All but the first two may be missing.
 *
 * <p>Pictures are not read here, since they have to go through the feature network first.
 *
 * @see <a href="https://github.com/openai/guided-diffusion/blob/22e0df8/evaluations/evaluator.py">
 *     ADM, evaluator.py, read_statistics</a>
 */
public final class ReferenceFile {

  private static final String SPATIAL_MEAN = "mu_s";
  private static final String SPATIAL_COVARIANCE = "sigma_s";
  private static final String SAMPLE = "features";
  private static final String IDENTITY = "identity";
  private static final String PICTURES = "arr_0";

  private ReferenceFile() {}

  /**
   * Pictures to be written, one after another.
   *
   * @param count how many
   * @param height pixels in a column
   * @param width pixels in a row
   * @param rgb red, green and blue of each pixel, row by row, of each picture
   */
  public record Pictures(int count, int height, int width, Iterator<byte[]> rgb) {}

  /**
   * Writes a reference.
   *
   * @throws io.tandem.base.UserError if no file can be made there
   */
  public static void write(Path file, Reference reference, Optional<Pictures> pictures) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      StatisticsFile.write(npz, reference.features());
      reference
          .spatial()
          .ifPresent(
              spatial -> StatisticsFile.write(npz, spatial, SPATIAL_MEAN, SPATIAL_COVARIANCE));
      reference
          .identity()
          .map(identity -> identity.getBytes(StandardCharsets.UTF_8))
          .ifPresent(identity -> npz.bytes(IDENTITY, identity, identity.length));
      reference.sample().ifPresent(sample -> write(npz, sample));
      pictures.ifPresent(each -> write(npz, each));
      npz.commit();
    }
  }

  private static void write(NpzWriter npz, FeatureSet sample) {
    try (NpzArrayWriter array =
        npz.array(SAMPLE, NumberFormat.FLOAT32, sample.size(), sample.dimension())) {
      for (int row = 0; row < sample.size(); row++) {
        array.write(sample.vector(row));
      }
    }
  }

  private static void write(NpzWriter npz, Pictures pictures) {
    try (NpzArrayWriter array =
        npz.array(
            PICTURES,
            NumberFormat.UINT8,
            pictures.count(),
            pictures.height(),
            pictures.width(),
            3)) {
      for (int i = 0; i < pictures.count(); i++) {
        array.write(ByteBuffer.wrap(pictures.rgb().next()));
      }
    }
  }

  /**
   * Reads a reference. Sizes are checked before anything is read.
   *
   * @throws io.tandem.base.UserError if the file cannot be read, lacks {@code mu} or {@code sigma},
   *     or an array is not what it should be
   */
  public static Reference read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      Optional<GaussianStatistics> spatial =
          npz.has(SPATIAL_MEAN) || npz.has(SPATIAL_COVARIANCE)
              ? Optional.of(
                  StatisticsFile.read(
                      npz, file, SPATIAL_MEAN, SPATIAL_COVARIANCE, OptionalLong.empty()))
              : Optional.empty();
      GaussianStatistics features = StatisticsFile.read(npz, file);
      return new Reference(
          features,
          spatial,
          npz.has(SAMPLE) ? Optional.of(sample(npz, file, features.dimension())) : Optional.empty(),
          npz.has(IDENTITY) ? Optional.of(identity(npz, file)) : Optional.empty());
    }
  }

  private static FeatureSet sample(NpzFile npz, Path file, int dimension) {
    try (NpzRows rows = npz.rows(SAMPLE)) {
      List<Long> shape = rows.shape();
      boolean fits =
          rows.format() == NumberFormat.FLOAT32
              && shape.size() == 2
              && shape.get(0) >= 1
              && shape.get(1) == dimension;
      check(
          fits && rows.left() <= NpzFile.MAX_ARRAY_BYTES / rows.rowBytes(),
          "Cannot use the features in '%s': they are %s %s (FLOAT32 [n, %d], at most %d bytes). Make"
              + " the reference again.",
          file,
          rows.format(),
          shape,
          dimension,
          NpzFile.MAX_ARRAY_BYTES);
      List<float[]> vectors = new ArrayList<>();
      while (rows.left() > 0) {
        float[] vector = new float[dimension];
        ByteBuffer.wrap(rows.next()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        vectors.add(vector);
      }
      return FeatureSet.of(vectors);
    }
  }

  private static String identity(NpzFile npz, Path file) {
    List<Long> shape = npz.shape(IDENTITY);
    check(
        shape.size() == 1 && shape.get(0) <= Reference.MAX_IDENTITY_BYTES,
        "Cannot use the identity in '%s': it is %s (at most [%d]). Make the reference again.",
        file,
        shape,
        Reference.MAX_IDENTITY_BYTES);
    return new String(npz.array(IDENTITY).toBytes(), StandardCharsets.UTF_8);
  }
}
