package io.tandem.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.tandem.image.RgbImage;
import io.tandem.npz.NpzCell;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF6;
import org.apache.spark.sql.types.DataTypes;

/** Turns stored pictures into cells of other libraries, where the rows are. */
enum PictureCell implements UDF6<Long, byte[], String, Integer, Integer, String, byte[]> {
  /** Blue, green and red of each pixel, row by row from the top left: OpenCV's order. */
  BGR {
    @Override
    byte[] cell(RgbImage picture) {
      byte[] pixels = picture.rgb();
      for (int i = 0; i < pixels.length; i += 3) {
        byte red = pixels[i];
        pixels[i] = pixels[i + 2];
        pixels[i + 2] = red;
      }
      return pixels;
    }
  },

  /** An npz file of the array {@code image}, float32 [3, height, width] in [0, 1]. */
  NPZ {
    @Override
    byte[] cell(RgbImage picture) {
      return NpzCell.of("image", picture.toPlanes(), 3, picture.height(), picture.width());
    }
  };

  abstract byte[] cell(RgbImage picture);

  /** Returns the cell of a row of the table of images that has a picture. */
  Column column() {
    return udf(this, DataTypes.BinaryType)
        .apply(
            col("sample_index"),
            col("image.bytes"),
            col("format"),
            col("width"),
            col("height"),
            col("pixels_sha256"));
  }

  @Override
  public byte[] call(
      Long sample, byte[] bytes, String format, Integer width, Integer height, String sha256) {
    return cell(
        new PictureRow.Stored(format, bytes, width, height, sha256).pixels("sample " + sample));
  }
}
