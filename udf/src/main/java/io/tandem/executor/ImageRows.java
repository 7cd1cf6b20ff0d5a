package io.tandem.executor;

import io.tandem.base.Sha256;
import io.tandem.executor.GenerateSpec.Output;
import io.tandem.executor.TaskSite.Worker;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.Sample;
import io.tandem.generate.TokenBytes;
import io.tandem.image.RgbImage;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyReport;
import io.tandem.metrics.ScaleLatency;
import io.tandem.metrics.ScaleStep;
import io.tandem.model.DeviceSpec;
import io.tandem.wave.Wave;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Turns decoded batches into rows of {@link ImagesSchema}. */
final class ImageRows {

  private static final String OK = "ok";
  private static final String FAILED = "failed";

  private final GenerateSpec spec;
  private final Wave wave;
  private final RowShape shape;
  private final Row worker;
  private final Encoders encoders;
  private final ImageFeatures features;

  /**
   * Whose rows are made.
   *
   * @param of what a task does
   * @param run one of its runs
   */
  record Work(DecodeWork of, int run) {}

  /** Makes rows of a run that {@code worker} decodes on {@code device}. */
  ImageRows(
      Work work, Worker worker, DeviceSpec device, Encoders encoders, ImageFeatures features) {
    this.spec = work.of().group().runs().get(work.run());
    this.wave = work.of().wave();
    this.shape = work.of().shape();
    this.worker =
        RowFactory.create(worker.host(), worker.executor(), device.toString(), worker.attempt());
    this.encoders = encoders;
    this.features = features;
  }

  /** Does one thing to many pictures, one after another or at the same time. */
  @FunctionalInterface
  interface Encoders {

    /** Returns the results in order. */
    <T> List<T> all(List<RgbImage> pictures, Function<RgbImage, T> encode);

    /** In the calling thread. */
    Encoders NONE =
        new Encoders() {
          @Override
          public <T> List<T> all(List<RgbImage> pictures, Function<RgbImage, T> encode) {
            return pictures.stream().map(encode).toList();
          }
        };
  }

  /** A picture as it is stored. */
  private record Stored(Optional<byte[]> file, String pixelsSha256) {}

  /** What a row says of a picture beside its tokens. */
  private record Picture(Stored stored, Optional<Row> features) {}

  /** Returns the rows of the samples of {@code part} that are in the wave, in order. */
  List<Row> of(DecodedPart part) {
    int[] wanted =
        IntStream.range(0, part.request().images())
            .filter(i -> wave.holds(part.request().samples().get(i).index()))
            .toArray();
    Optional<GeneratedBatch> made = part.made();
    long start = System.nanoTime();
    List<RgbImage> pictures =
        made.map(batch -> IntStream.of(wanted).mapToObj(batch.images()::get).toList())
            .orElse(List.of());
    List<Stored> stored = encoders.all(pictures, this::stored);
    boolean isTimed = part.latency().mode() != LatencyMode.OFF && made.isPresent();
    Row latency = latency(part, isTimed ? System.nanoTime() - start : 0);
    List<Row> ofFeatures =
        features.of(
            pictures,
            IntStream.of(wanted).mapToLong(i -> part.request().samples().get(i).index()).toArray());
    Timestamp now = Timestamp.from(Instant.now());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < wanted.length; i++) {
      int at = i;
      Optional<Picture> picture =
          made.map(
              any ->
                  new Picture(
                      stored.get(at),
                      ofFeatures.isEmpty() ? Optional.empty() : Optional.of(ofFeatures.get(at))));
      rows.add(row(part, wanted[i], picture, latency, now));
    }
    return rows;
  }

  private Stored stored(RgbImage picture) {
    return new Stored(spec.output().codec().encode(picture), picture.sha256());
  }

  private Row row(DecodedPart part, int at, Optional<Picture> shown, Row latency, Timestamp now) {
    Sample sample = part.request().samples().get(at);
    Optional<Stored> stored = shown.map(Picture::stored);
    Optional<RgbImage> picture = part.made().map(batch -> batch.images().get(at));
    Optional<byte[]> tokens =
        part.made().map(batch -> TokenBytes.of(batch.tokens(), part.request().images(), at));
    Output output = spec.output();
    Object[] values = {
      spec.runId(),
      sample.index(),
      sample.label(),
      className(sample.label()),
      part.request().seed(),
      stored.flatMap(Stored::file).map(file -> image(file, sample)).orElse(null),
      picture.map(RgbImage::width).orElse(null),
      picture.map(RgbImage::height).orElse(null),
      picture.flatMap(any -> output.codec().format()).orElse(null),
      stored.map(Stored::pixelsSha256).orElse(null),
      tokens.map(Sha256::of).orElse(null),
      picture.isPresent() ? OK : FAILED,
      picture.isPresent() ? null : part.error(),
      spec.sampling().batches().batchOf(sample.index()),
      part.request().images(),
      part.position() + at,
      tokens.orElse(null),
      latency,
      worker,
      now,
      shown.flatMap(Picture::features).orElse(null)
    };
    if (shape == RowShape.WITH_RUN) {
      values = Arrays.copyOf(values, values.length + 1);
      values[values.length - 1] = part.run();
    }
    return RowFactory.create(values);
  }

  private String className(int label) {
    List<String> names = spec.output().classNames();
    return label < names.size() ? names.get(label) : null;
  }

  private Row image(byte[] file, Sample sample) {
    String name = sample.label() + "/" + sample.index() + "." + spec.output().codec().extension();
    return RowFactory.create(file, name);
  }

  private Row latency(DecodedPart part, long encodeNanos) {
    LatencyReport report = part.latency();
    return RowFactory.create(
        report.mode().name().toLowerCase(Locale.ROOT),
        part.conditions().isWarmUp(),
        part.conditions().tasks(),
        spec.execution().threads(),
        report.totalNanos(),
        report.vaeNanos(),
        encodeNanos,
        report.scales().stream().map(ImageRows::scale).toArray(Row[]::new),
        part.times().sharing().scales(),
        part.times().sharing().nanos());
  }

  private static Row scale(ScaleLatency latency) {
    ScaleStep step = latency.step();
    return RowFactory.create(
        step.scale() + 1,
        step.side(),
        step.tokens(),
        step.model(),
        step.prefillTokens(),
        latency.nanos(),
        latency.cacheBytes());
  }
}
