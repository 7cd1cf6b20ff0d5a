package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.image.PngCodec;
import io.tandem.job.TrainingImages.Source;
import io.tandem.job.TrainingImages.Storage;
import io.tandem.spark.EmbeddedSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables to learn from, in the layout that Tandem writes. */
class TrainingImagesIT {

  private static final ShapeImages SHAPES = ShapeImages.of(3, 8, 40);

  @TempDir Path folder;

  @Test
  void readsAParquetTable() {
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      write(spark, folder.resolve("images/wave=0"), 10);
      write(spark, folder.resolve("single/wave=0"), 1);
    }

    TrainingImages images = new Source(folder.resolve("images").toString(), 0, 0).open(8);

    assertThat(images.learned().size()).isEqualTo(36);
    assertThat(images.learned().classNames()).hasSize(10);
    assertThat(images.shown().image(0)).isEqualTo(SHAPES.image(5));
    assertThat(images.storage()).isEqualTo(Storage.MEMORY);
    String single = folder.resolve("single").toString();
    assertThatThrownBy(() -> new Source(single, 0, 0).open(8))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot learn from data set '%s': it has one class, '0' (at least two are needed)",
            single);
  }

  private static void write(EmbeddedSpark spark, Path place, int classes) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < SHAPES.size(); i++) {
      rows.add(RowFactory.create(PngCodec.encode(SHAPES.image(i)), i % classes, (long) i));
    }
    spark
        .session()
        .createDataFrame(
            rows, StructType.fromDDL("image BINARY, class_id INT, sample_index BIGINT"))
        .coalesce(1)
        .write()
        .parquet(place.toString());
  }
}
