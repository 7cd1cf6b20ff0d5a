package io.tandem.table;

import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Stands for the decoder: rows of images as it makes them, of small random pictures. */
final class GeneratedRows implements MapPartitionsFunction<Long, Row> {

  private static final long serialVersionUID = 1L;

  static final int BATCH_SIZE = 4;

  static final int CLASSES = 10;

  /** Sides of the scales. */
  private static final int[] SIDES = {1, 2, 3};

  private final SampleRange samples;
  private final int side;
  private final boolean failsAtFirst;

  private GeneratedRows(SampleRange samples, int side, boolean failsAtFirst) {
    this.samples = samples;
    this.side = side;
    this.failsAtFirst = failsAtFirst;
  }

  /** Rows of some samples; batches are decoded whole. */
  static GeneratedRows of(long first, long end) {
    return ofSide(8, first, end);
  }

  static GeneratedRows ofSide(int side, long first, long end) {
    return new GeneratedRows(new SampleRange(first, end), side, false);
  }

  /** The same, where each first attempt of a task throws after its rows. */
  GeneratedRows failingAtFirst() {
    return new GeneratedRows(samples, side, true);
  }

  static StructType schema() {
    return StructType.fromDDL(
        "run_id STRING, sample_index BIGINT, class_id INT, class_name STRING, seed BIGINT,"
            + " image STRUCT<bytes: BINARY, path: STRING>, width INT, height INT, format STRING,"
            + " pixels_sha256 STRING, tokens_sha256 STRING, status STRING, error STRING,"
            + " batch_id BIGINT, batch_size INT, batch_pos INT, tokens BINARY,"
            + " latency STRUCT<mode: STRING, warmup: BOOLEAN, concurrent_tasks: INT, threads: INT,"
            + " total_ns: BIGINT, vae_ns: BIGINT, encode_ns: BIGINT, scales: ARRAY<STRUCT<"
            + " scale: INT, side: INT, tokens: INT, model: STRING, prefill_tokens: INT,"
            + " ns: BIGINT, kv_bytes: BIGINT>>, shared_scales: INT, share_ns: BIGINT>,"
            + " worker STRUCT<host: STRING, executor: STRING, device: STRING, attempt: BIGINT>,"
            + " created_at TIMESTAMP,"
            + " features STRUCT<features: BINARY, logits: BINARY, spatial: BINARY>");
  }

  @Override
  public Iterator<Row> call(Iterator<Long> batches) {
    List<Row> rows = new ArrayList<>();
    batches.forEachRemaining(batch -> rows.addAll(batch(batch)));
    Iterator<Row> iterator = rows.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (!iterator.hasNext() && failsAtFirst && TaskContext.get().attemptNumber() == 0) {
          throw new IllegalStateException("the first attempt fails");
        }
        return iterator.hasNext();
      }

      @Override
      public Row next() {
        return iterator.next();
      }
    };
  }

  private List<Row> batch(long batch) {
    List<Row> rows = new ArrayList<>();
    for (long sample = batch * BATCH_SIZE; sample < (batch + 1) * BATCH_SIZE; sample++) {
      if (samples.first() <= sample && sample < samples.end()) {
        rows.add(row(sample));
      }
    }
    return rows;
  }

  static int classOf(long sample) {
    return (int) (sample % CLASSES);
  }

  /** Samples that fail: the first of every ninth batch. */
  static boolean fails(long sample) {
    return sample % (9 * BATCH_SIZE) == 0;
  }

  RgbImage picture(long sample) {
    byte[] rgb = new byte[3 * side * side];
    new Random(sample).nextBytes(rgb);
    return RgbImage.of(side, side, rgb);
  }

  static byte[] tokens(long sample) {
    ByteBuffer tokens = ByteBuffer.allocate(2 * 14).order(ByteOrder.LITTLE_ENDIAN);
    new Random(~sample).ints(14, 0, 4096).forEach(token -> tokens.putShort((short) token));
    return tokens.array();
  }

  static String tokensSha256(long sample) {
    return HexFormat.of().formatHex(Footers.sha256().digest(tokens(sample)));
  }

  private Row row(long sample) {
    boolean ok = !fails(sample);
    long batch = sample / BATCH_SIZE;
    RgbImage picture = picture(sample);
    int classId = classOf(sample);
    return RowFactory.create(
        "run-1",
        sample,
        classId,
        "class " + classId,
        42L,
        ok
            ? RowFactory.create(PngCodec.encode(picture), "%d/%d.png".formatted(classId, sample))
            : null,
        ok ? side : null,
        ok ? side : null,
        ok ? "png" : null,
        ok ? picture.sha256() : null,
        ok ? tokensSha256(sample) : null,
        ok ? "ok" : "failed",
        ok ? null : "NaN logits",
        batch,
        BATCH_SIZE,
        (int) (sample % BATCH_SIZE),
        ok ? tokens(sample) : null,
        ok ? latency(batch) : null,
        RowFactory.create("host-1", "driver", "cpu", 0L),
        new Timestamp(1_700_000_000_000L + sample),
        ok ? RowFactory.create(new byte[] {1, 2, 3, 4}, new byte[] {5, 6, 7, 8}, null) : null);
  }

  /** Total time of a batch in this table. */
  static long totalNanos(long batch) {
    return 4_000 + batch;
  }

  private static Row latency(long batch) {
    // Spark takes arrays of Java for arrays, but no lists.
    Object[] scales =
        IntStream.range(0, SIDES.length)
            .mapToObj(
                k ->
                    RowFactory.create(
                        k + 1,
                        SIDES[k],
                        SIDES[k] * SIDES[k],
                        k < 2 ? "big" : "small",
                        k == 2 ? 5 : 0,
                        1000 * batch + k,
                        64L * k))
            .toArray();
    return RowFactory.create(
        "sync", batch == 0, 1, 2, totalNanos(batch), 70L, 30L, scales, 0, totalNanos(batch));
  }
}
