package io.tandem.table;

import io.tandem.train.TrainingRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A Parquet file of training rows. Made in memory: a row takes about a hundred bytes. Not
 * compressed, so that no native library is needed.
 */
final class TrainFile {

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message train {
            required binary run_id (STRING);
            required binary stage (STRING);
            required int64 step;
            required int64 images;
            required double loss;
            required group losses (LIST) {
              repeated group list {
                required group element {
                  required binary name (STRING);
                  required double value;
                }
              }
            }
            required double learning_rate;
            required double gradient_norm;
            required double images_per_second;
            required int64 elapsed_ns;
            required int64 written_at (TIMESTAMP(MICROS, true));
          }
          """);

  private static final String RUN_ID = "tandem.run_id";

  private TrainFile() {}

  /**
   * What the rows of a file have in common.
   *
   * @param runId the run that they are of
   * @param stage the stage of that run
   */
  record Origin(String runId, String stage) {}

  /** Returns the bytes of a file with {@code rows}, in their order. */
  static byte[] bytes(Origin origin, List<TrainingRow> rows) throws IOException {
    MemoryFile file = new MemoryFile();
    try (ParquetWriter<TrainingRow> writer = new Builder(file, origin).build()) {
      for (TrainingRow row : rows) {
        writer.write(row);
      }
    }
    return file.bytes();
  }

  /**
   * Returns the run that the rows of {@code file} are of, none if the file says nothing of one.
   *
   * @throws RuntimeException if it is no Parquet file
   */
  static Optional<String> runId(Path file) throws IOException {
    HadoopInputFile input =
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(false));
    try (ParquetFileReader reader = ParquetFileReader.open(input)) {
      return Optional.ofNullable(reader.getFileMetaData().getKeyValueMetaData().get(RUN_ID));
    }
  }

  private static final class Builder extends ParquetWriter.Builder<TrainingRow, Builder> {

    private final Origin origin;

    Builder(OutputFile file, Origin origin) {
      super(file);
      this.origin = origin;
      withConf(new Configuration(false));
      withCompressionCodec(CompressionCodecName.UNCOMPRESSED);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<TrainingRow> getWriteSupport(Configuration settings) {
      return new Rows(origin);
    }
  }

  /** Spells rows as the schema has them. */
  private static final class Rows extends WriteSupport<TrainingRow> {

    private final Origin origin;
    private RecordConsumer out;
    private int field;

    Rows(Origin origin) {
      this.origin = origin;
    }

    @Override
    public WriteContext init(Configuration settings) {
      return new WriteContext(SCHEMA, Map.of(RUN_ID, origin.runId()));
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(TrainingRow row) {
      field = 0;
      out.startMessage();
      put(() -> out.addBinary(Binary.fromString(origin.runId())));
      put(() -> out.addBinary(Binary.fromString(origin.stage())));
      put(() -> out.addLong(row.step()));
      put(() -> out.addLong(row.images()));
      put(() -> out.addDouble(row.loss().total()));
      put(() -> putTerms(row.loss().terms()));
      put(() -> out.addDouble(row.update().learningRate()));
      put(() -> out.addDouble(row.update().gradientNorm()));
      put(() -> out.addDouble(row.pace().imagesPerSecond()));
      put(() -> out.addLong(row.pace().elapsedNanos()));
      put(() -> out.addLong(ChronoUnit.MICROS.between(Instant.EPOCH, row.writtenAt())));
      out.endMessage();
    }

    /** Writes the next field of the schema. */
    private void put(Runnable value) {
      String name = SCHEMA.getFieldName(field);
      out.startField(name, field);
      value.run();
      out.endField(name, field);
      field++;
    }

    private void putTerms(List<TrainingRow.Term> terms) {
      out.startGroup();
      if (!terms.isEmpty()) {
        out.startField("list", 0);
        terms.forEach(this::putTerm);
        out.endField("list", 0);
      }
      out.endGroup();
    }

    private void putTerm(TrainingRow.Term term) {
      out.startGroup();
      out.startField("element", 0);
      out.startGroup();
      out.startField("name", 0);
      out.addBinary(Binary.fromString(term.name()));
      out.endField("name", 0);
      out.startField("value", 1);
      out.addDouble(term.value());
      out.endField("value", 1);
      out.endGroup();
      out.endField("element", 0);
      out.endGroup();
    }
  }
}
