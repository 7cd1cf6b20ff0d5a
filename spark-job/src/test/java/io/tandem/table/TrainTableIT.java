package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.spark.EmbeddedSpark;
import io.tandem.train.TrainingRow;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark reads from the files that were written without it. */
class TrainTableIT {

  @TempDir Path folder;

  @Test
  void isATableForSparkSql() {
    TrainTable tokenizer = TrainTable.open(folder, "run-1", "tokenizer", 1);
    tokenizer.add(TrainingRows.of(1));
    tokenizer.add(TrainingRows.of(2));
    tokenizer.flush();
    TrainTable drafter = TrainTable.open(folder, "run-1", "drafter-n8", 1);
    drafter.add(
        new TrainingRow(
            1,
            0,
            new TrainingRow.Loss(Double.NaN, List.of()),
            new TrainingRow.Update(0, Double.POSITIVE_INFINITY),
            new TrainingRow.Pace(0, 0),
            Instant.EPOCH));
    drafter.flush();

    try (EmbeddedSpark spark = EmbeddedSpark.open(1)) {
      Dataset<Row> table = spark.session().read().parquet(folder.toString());
      table.createOrReplaceTempView("train");

      assertThat(table.schema().toDDL())
          .isEqualTo(
              "run_id STRING,stage STRING,step BIGINT,images BIGINT,loss DOUBLE,losses"
                  + " ARRAY<STRUCT<name: STRING, value: DOUBLE>>,learning_rate DOUBLE,gradient_norm"
                  + " DOUBLE,images_per_second DOUBLE,elapsed_ns BIGINT,written_at TIMESTAMP");
      assertThat(rows(table.drop("losses").orderBy("stage", "step")))
          .containsExactly(
              List.of(
                  "run-1",
                  "drafter-n8",
                  1L,
                  0L,
                  Double.NaN,
                  0.0,
                  Double.POSITIVE_INFINITY,
                  0.0,
                  0L,
                  Timestamp.from(Instant.EPOCH)),
              List.of(
                  "run-1",
                  "tokenizer",
                  1L,
                  32L,
                  1.0,
                  1e-4,
                  2.0,
                  11.0,
                  1_000_000_000L,
                  Timestamp.from(Instant.parse("2027-01-15T08:00:01.123456Z"))),
              List.of(
                  "run-1",
                  "tokenizer",
                  2L,
                  64L,
                  0.5,
                  2e-4,
                  4.0,
                  12.0,
                  2_000_000_000L,
                  Timestamp.from(Instant.parse("2027-01-15T08:00:02.123456Z"))));
      assertThat(
              rows(
                  spark
                      .session()
                      .sql(
                          "SELECT step, term.name, term.value FROM train LATERAL VIEW explode(losses) AS"
                              + " term WHERE stage = 'tokenizer' ORDER BY step, term.name")))
          .containsExactly(
              List.of(1L, "codebook", 0.25),
              List.of(1L, "reconstruction", 0.5),
              List.of(2L, "codebook", 0.125),
              List.of(2L, "reconstruction", 0.25));
      assertThat(rows(spark.session().sql("SELECT size(losses) FROM train WHERE isnan(loss)")))
          .containsExactly(List.of(0));
    }
  }

  private static List<List<?>> rows(Dataset<Row> table) {
    return table.collectAsList().stream()
        .<List<?>>map(row -> IntStream.range(0, row.size()).mapToObj(row::get).toList())
        .toList();
  }
}
