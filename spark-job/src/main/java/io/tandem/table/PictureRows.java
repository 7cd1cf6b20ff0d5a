package io.tandem.table;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.executor.FeatureSpec;
import io.tandem.executor.FeaturesSchema;
import io.tandem.image.ImageHeader;
import io.tandem.image.RgbImage;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** What the sets of pictures have in common. */
final class PictureRows {

  /** Pictures that are looked at for the size of all. */
  static final int LOOKED_AT = 8;

  private PictureRows() {}

  /** Returns the row of a picture file. */
  static Row ofFile(long sample, Integer classId, String name, byte[] bytes) {
    return RowFactory.create(sample, classId, name, bytes, null, null, FeaturesSchema.OK, null);
  }

  /** Returns the row of a picture that cannot be read. */
  static Row unusable(long sample, Integer classId, String name, String error) {
    return RowFactory.create(
        sample, classId, name, null, null, null, FeaturesSchema.UNUSABLE, error);
  }

  /** Returns chunks 0, 1 and so on of {@code count} samples, all of one fingerprint. */
  static SortedMap<Long, String> chunks(long count, String fingerprint) {
    SortedMap<Long, String> chunks = new TreeMap<>();
    for (long chunk = 0; chunk * FeatureSpec.CHUNK < count; chunk++) {
      chunks.put(chunk, fingerprint);
    }
    return Collections.unmodifiableSortedMap(chunks);
  }

  /** Returns the fingerprint of what {@code lines} tell. */
  static String fingerprint(List<String> lines) {
    return Sha256.of(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)).substring(0, 24);
  }

  /**
   * Returns the size that a file states.
   *
   * @throws UserError if it is no picture, or one that nobody can hold
   */
  static PictureSet.Size size(byte[] file, String name) {
    ImageHeader header = ImageHeader.of(file, name);
    if (header.width() < 1
        || header.height() < 1
        || header.width() * header.height() > RgbImage.MAX_PIXELS) {
      throw UserError.of(
          "Cannot read picture '%s': it has %d x %d pixels (at most %d in all)",
          name, header.width(), header.height(), RgbImage.MAX_PIXELS);
    }
    return new PictureSet.Size((int) header.width(), (int) header.height());
  }
}
