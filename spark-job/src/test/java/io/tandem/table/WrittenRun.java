package io.tandem.table;

import io.tandem.base.Sha256;
import io.tandem.image.ImageCodec;
import io.tandem.image.RgbImage;
import io.tandem.run.DataFile;
import io.tandem.run.RunFolder;
import io.tandem.run.RunLock;
import io.tandem.run.RunManifest;
import io.tandem.run.RunModel;
import io.tandem.run.RunOrigin;
import io.tandem.run.RunSettings;
import io.tandem.run.WaveFiles;
import io.tandem.run.WavePlan;
import io.tandem.run.WaveRecord;
import io.tandem.run.WaveSums;
import io.tandem.wave.Wave;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A run as {@code generate} leaves it, of random pictures, written without models and without
 * Spark. Set up, then {@link #write}.
 */
public final class WrittenRun {

  public static final String RUN_ID = "0123456789abcdef0123456789abcdef";
  public static final int BATCH_SIZE = 4;

  private static final MessageType IMAGES =
      MessageTypeParser.parseMessageType(
          """
          message images {
            optional binary run_id (STRING);
            optional int64 sample_index;
            optional int32 class_id;
            optional binary class_name (STRING);
            optional int64 seed;
            optional group image { optional binary bytes; optional binary path (STRING); }
            optional int32 width;
            optional int32 height;
            optional binary format (STRING);
            optional binary pixels_sha256 (STRING);
            optional binary tokens_sha256 (STRING);
            optional binary status (STRING);
            optional binary error (STRING);
          }
          """);

  private static final MessageType LATENCY =
      MessageTypeParser.parseMessageType(
          """
          message latency {
            optional binary run_id (STRING);
            optional int64 batch_id;
            optional int32 batch_size;
            optional int32 images;
            optional boolean warmup;
            optional int32 concurrent_tasks;
            optional int32 threads;
            optional binary mode (STRING);
            optional int32 scale;
            optional int32 side;
            optional int32 tokens;
            optional binary model (STRING);
            optional int32 prefill_tokens;
            optional int64 ns;
            optional int64 kv_bytes;
            optional int64 total_ns;
            optional int64 vae_ns;
            optional int64 encode_ns;
            optional binary host (STRING);
            optional binary executor (STRING);
            optional binary device (STRING);
            optional int64 attempt;
            optional int64 created_at;
          }
          """);

  private final Path folder;
  private final Map<Integer, RgbImage> pictures = new HashMap<>();
  private final Set<Long> failed = new TreeSet<>();
  private final Set<Integer> uncommitted = new TreeSet<>();
  private final List<RecordedWave> recorded = new ArrayList<>();
  private final TreeMap<String, String> options = new TreeMap<>();
  private List<String> classNames = List.of("star", "ring", "dot");
  private ImageCodec codec = ImageCodec.PNG;
  private int side = 8;
  private int distinct = Integer.MAX_VALUE;
  private int rowGroupBytes = 2000;

  public WrittenRun(Path folder) {
    this.folder = folder;
    options.putAll(
        Map.of(
            "plan", "big:1-2,small:3",
            "guidance", "1.5:1-3",
            "top-k", "900:1-3",
            "top-p", "0.96:1-3",
            "temperature", "1.0:1-3",
            "greedy", "false",
            "seed", "18446744073709551615",
            "batch-size", "" + BATCH_SIZE));
    options.putAll(
        Map.of(
            "classes", "0-2",
            "class-names", "none",
            "pixel-rounding", "nearest",
            "precision", "fp32"));
  }

  /** Sets what the classes are called, of which the samples take turns. */
  public WrittenRun classes(String... names) {
    classNames = List.of(names);
    return this;
  }

  public WrittenRun codec(ImageCodec other) {
    codec = other;
    return this;
  }

  public WrittenRun side(int pixels) {
    side = pixels;
    return this;
  }

  /** Lets samples fail. */
  public WrittenRun failing(Long... samples) {
    failed.addAll(List.of(samples));
    return this;
  }

  /** Leaves waves without a record. */
  public WrittenRun uncommitted(Integer... waves) {
    uncommitted.addAll(List.of(waves));
    return this;
  }

  /** Makes only so many pictures, smooth ones in turn, and row groups of the usual size. */
  public WrittenRun large(int pictureCount) {
    distinct = pictureCount;
    rowGroupBytes = 16 << 20;
    return this;
  }

  public WrittenRun option(String name, String value) {
    options.put(name, value);
    return this;
  }

  /** Returns the picture of a sample. */
  public RgbImage picture(long sample) {
    int number = (int) (sample % distinct);
    if (distinct < Integer.MAX_VALUE) {
      return pictures.computeIfAbsent(number, this::drawn);
    }
    return drawn(number);
  }

  private RgbImage drawn(int number) {
    byte[] rgb = new byte[3 * side * side];
    if (distinct == Integer.MAX_VALUE) {
      new Random(number).nextBytes(rgb);
    } else {
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) (number + i / 3 % side + i % 3 * (i / (3 * side)));
      }
    }
    return RgbImage.of(side, side, rgb);
  }

  public int classOf(long sample) {
    return (int) (sample % classNames.size());
  }

  /** Writes the run: waves of so many images, each of two files, the later samples first. */
  public WrittenRun write(long images, long waveImages) throws IOException {
    options.put("images", "" + images);
    options.putIfAbsent("image-format", codec.format().orElse("none"));
    RunManifest manifest =
        new RunManifest(
            new RunOrigin(RUN_ID, "0.1.0", Instant.parse("2026-01-31T12:00:00Z")),
            new RunSettings(
                options,
                List.of(
                    new RunModel("big", "weights/big one.pth", 8_000_000_000L, "a".repeat(64)),
                    new RunModel("small", "demo:small", 123, "b".repeat(64)),
                    new RunModel("vae", "demo", 45, "c".repeat(64))),
                new TreeMap<>(Map.of("device", "AVX512", "threads", "2", "libtorch", "2.7.1"))),
            WavePlan.of(images, waveImages));
    try (RunFolder run = RunFolder.open(folder.toString(), new Configuration());
        RunLock lock = RunLock.acquire(run, "")) {
      run.begin(manifest, lock);
      for (int number = 0; number < manifest.plan().waves(); number++) {
        Wave wave = manifest.plan().wave(number);
        WaveFiles files = new WaveFiles(images(wave), List.of(latency(wave)));
        if (!uncommitted.contains(number)) {
          run.records(manifest).commit(record(wave, files), lock);
          recorded.add(
              new RecordedWave(
                  number,
                  wave.first(),
                  wave.end(),
                  written(files.images(), number),
                  written(files.latency(), number)));
        }
      }
    }
    return this;
  }

  private WaveRecord record(Wave wave, WaveFiles files) {
    long failures =
        failed.stream().filter(sample -> wave.first() <= sample && sample < wave.end()).count();
    return new WaveRecord(
        RUN_ID,
        wave,
        "write-" + wave.number(),
        files,
        new WaveSums(wave.images(), failures, 5_000_000_000L, 2_000_000_000L),
        Instant.parse("2026-01-31T12:00:10Z").plusSeconds(2 * wave.number()));
  }

  private List<DataFile> images(Wave wave) throws IOException {
    long middle = wave.first() + wave.images() / 2;
    List<DataFile> files = new ArrayList<>();
    if (middle < wave.end()) {
      files.add(images(wave.number(), "part-0.parquet", middle, wave.end()));
    }
    if (wave.first() < middle) {
      files.add(images(wave.number(), "part-1.parquet", wave.first(), middle));
    }
    return files;
  }

  private DataFile images(int wave, String name, long first, long end) throws IOException {
    Path file = folder.resolve(TableName.IMAGES.folder(wave)).resolve(name);
    Files.createDirectories(file.getParent());
    try (ParquetWriter<Group> writer = writer(file, IMAGES)) {
      for (long sample = first; sample < end; sample++) {
        writer.write(imageRow(sample));
      }
    }
    return listed(file, end - first);
  }

  private Group imageRow(long sample) {
    Group row = new SimpleGroup(IMAGES);
    row.add("run_id", RUN_ID);
    row.add("sample_index", sample);
    row.add("class_id", classOf(sample));
    row.add("class_name", classNames.get(classOf(sample)));
    row.add("seed", -1L);
    boolean ok = !failed.contains(sample);
    row.add("status", ok ? "ok" : "failed");
    if (!ok) {
      row.add("error", "NaN logits at scale " + (sample % 2 + 1));
      return row;
    }
    RgbImage picture = picture(sample);
    row.add("tokens_sha256", "d".repeat(64));
    row.add("pixels_sha256", picture.sha256());
    row.add("width", side);
    row.add("height", side);
    Optional<byte[]> bytes = codec.encode(picture);
    bytes.ifPresent(
        file -> {
          row.add("format", codec.format().orElseThrow());
          Group image = row.addGroup("image");
          image.add("bytes", Binary.fromConstantByteArray(file));
          image.add("path", classOf(sample) + "/" + sample + "." + codec.extension());
        });
    return row;
  }

  private DataFile latency(Wave wave) throws IOException {
    Path file = folder.resolve(TableName.LATENCY.folder(wave.number())).resolve("part-0.parquet");
    Files.createDirectories(file.getParent());
    long rows = 0;
    try (ParquetWriter<Group> writer = writer(file, LATENCY)) {
      for (long batch = wave.first() / BATCH_SIZE; batch * BATCH_SIZE < wave.end(); batch++) {
        for (int scale = 1; scale <= 3; scale++) {
          writer.write(latencyRow(wave, batch, scale));
          rows++;
        }
      }
    }
    return listed(file, rows);
  }

  private static Group latencyRow(Wave wave, long batch, int scale) {
    long first = Math.max(wave.first(), batch * BATCH_SIZE);
    Group row = new SimpleGroup(LATENCY);
    row.add("run_id", RUN_ID);
    row.add("batch_id", batch);
    row.add("batch_size", BATCH_SIZE);
    row.add("images", (int) (Math.min(wave.end(), (batch + 1) * BATCH_SIZE) - first));
    row.add("warmup", batch == 0);
    row.add("concurrent_tasks", batch == 1 ? 2 : 1);
    row.add("threads", 2);
    row.add("mode", "sync");
    row.add("scale", scale);
    row.add("side", scale);
    row.add("tokens", scale * scale);
    row.add("model", scale < 3 ? "big" : "small");
    row.add("prefill_tokens", scale < 3 ? 0 : 5);
    // Batches 0 and 1, which are not comparable, are far slower.
    row.add("ns", (batch < 2 ? 100 : 1) * 4_000_000L * scale);
    row.add("kv_bytes", 1000L * scale);
    row.add("total_ns", (batch < 2 ? 100 : 1) * 32_000_000L);
    row.add("vae_ns", 8_000_000L);
    row.add("encode_ns", 4_000_000L);
    row.add("host", "host-1");
    row.add("executor", "driver");
    row.add("device", "cpu");
    row.add("attempt", 0L);
    row.add("created_at", 1_769_860_800_000_000L + batch * 500_000);
    return row;
  }

  private ParquetWriter<Group> writer(Path file, MessageType schema) throws IOException {
    return ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
        .withConf(new Configuration())
        .withType(schema)
        .withCompressionCodec(CompressionCodecName.ZSTD)
        .withPageWriteChecksumEnabled(true)
        .withRowGroupSize((long) rowGroupBytes)
        .withPageSize(Math.min(rowGroupBytes, 1 << 20))
        .withMinRowCountForPageSizeCheck(1)
        .withMaxRowCountForPageSizeCheck(4)
        .withDictionaryEncoding(false)
        .build();
  }

  private static DataFile listed(Path file, long rows) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.toUri());
    Configuration settings = new Configuration();
    try (ParquetRows parquet = ParquetRows.open(settings, path)) {
      String digest = Footers.sha256(settings, path, Footers.start(parquet.rowGroups()));
      return new DataFile(
          file.getFileName().toString(),
          HadoopInputFile.fromPath(path, settings).getLength(),
          rows,
          digest);
    }
  }

  /** Returns the waves that {@link #write} recorded. */
  List<RecordedWave> recorded() {
    return recorded;
  }

  private static List<WrittenFile> written(List<DataFile> files, int wave) {
    return files.stream()
        .map(
            file ->
                new WrittenFile(
                    file.name(), file.bytes(), file.rows(), "write-" + wave, file.footerSha256()))
        .toList();
  }

  /** Returns the SHA-256 of a text. */
  public static String digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
