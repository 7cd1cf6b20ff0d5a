package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;

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
    TrainingImages images;
    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      write(spark, folder.resolve("wave=0"));
      images = new Source(folder.toString(), 0, 0).open(8);
    }

    // without a session
    assertThat(images.learned().size()).isEqualTo(36);
    assertThat(images.learned().classNames()).hasSize(10);
    assertThat(images.learned().classId(0)).isZero();
    assertThat(images.shown().image(0)).isEqualTo(SHAPES.image(5));
    assertThat(images.storage()).isEqualTo(Storage.MEMORY);
  }

  private static void write(EmbeddedSpark spark, Path place) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < SHAPES.size(); i++) {
      rows.add(RowFactory.create(PngCodec.encode(SHAPES.image(i)), SHAPES.classId(i), (long) i));
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
