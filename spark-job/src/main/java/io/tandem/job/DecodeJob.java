package io.tandem.job;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.Sample;
import io.tandem.image.ContactSheet;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.job.DecodeResult.Picture;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.metrics.Stage;
import io.tandem.npz.NpzWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Decodes batches one after another and writes pictures, a contact sheet, tokens and a trace.
 *
 * <p>Everything appears at the end or not at all.
 */
public final class DecodeJob {

  private static final String SHEET = "contact-sheet.png";
  private static final String TOKENS = "tokens.npz";
  private static final String PICTURE = "[0-9]+_[0-9]+\\.png";

  /** Decodes one batch: a generator, or a decoder of stored tokens. */
  @FunctionalInterface
  public interface BatchDecoder {

    /** Returns tokens and images of {@code request}. */
    GeneratedBatch decode(BatchRequest request, LatencyRecorder latency, DecodeObserver observer);
  }

  /**
   * Where results go.
   *
   * @param folder pictures, contact sheet, tokens, record
   * @param trace arrays
   */
  public record Output(Optional<DecodeFolder> folder, Optional<TraceFile> trace) {}

  private final BatchDecoder decoder;
  private final Runnable drain;
  private final Output output;
  private final List<List<long[]>> tokens = new ArrayList<>();
  private final List<RgbImage> shown = new ArrayList<>();
  private final List<String> captions = new ArrayList<>();
  private final List<String> files = new ArrayList<>();
  private final List<String> digests = new ArrayList<>();
  private final List<LatencyReport> latencies = new ArrayList<>();

  /**
   * Makes a job, which runs once.
   *
   * @param drain waits for the device, so that times are those of the work
   * @param output stays open; the caller closes it
   */
  public DecodeJob(BatchDecoder decoder, Runnable drain, Output output) {
    this.decoder = decoder;
    this.drain = drain;
    this.output = output;
  }

  /** Returns the names of the files that pictures of {@code order} are written to. */
  public static List<String> names(SampleOrder order) {
    List<String> names = new ArrayList<>();
    IntStream.range(0, order.count()).forEach(i -> names.add(name(order.at(i))));
    names.add(SHEET);
    names.add(TOKENS);
    return names;
  }

  static boolean isNameOfDecode(String name) {
    return name.equals(SHEET) || name.equals(TOKENS) || name.matches(PICTURE);
  }

  private static String name(Sample sample) {
    return sample.index() + "_" + sample.label() + ".png";
  }

  /**
   * Decodes all batches and completes the output.
   *
   * @param order says which samples are wanted; the batches may hold more at their end
   * @param header what the result says of setting and loading
   * @param progress told after each batch how many images are done
   */
  public DecodeResult run(
      SampleOrder order, List<BatchRequest> batches, Header header, IntConsumer progress) {
    long start = System.nanoTime();
    DecodeObserver observer =
        output.trace().<DecodeObserver>map(TraceFile::recorder).orElse(DecodeObserver.NONE);
    for (BatchRequest batch : batches) {
      decode(batch, Math.min(batch.images(), order.count() - digests.size()), observer);
      progress.accept(digests.size());
    }
    StoredTokens stored = stored(order);
    output.folder().ifPresent(folder -> complete(folder, stored));
    DecodeResult result =
        new DecodeResult(
            header.setting(),
            header.loading(),
            files,
            pictures(order, stored),
            latencies,
            (System.nanoTime() - start) / 1e9);
    output.folder().ifPresent(folder -> folder.commit(result));
    output.trace().ifPresent(trace -> trace.commit(stored));
    return result;
  }

  /**
   * What is known before the first batch.
   *
   * @param setting how images are decoded
   * @param loading of the models
   */
  public record Header(DecodeResult.Setting setting, ModelSources.Loading loading) {}

  private void decode(BatchRequest batch, int wanted, DecodeObserver observer) {
    LatencyRecorder latency = new LatencyRecorder(LatencyMode.SYNC, drain);
    GeneratedBatch made = decoder.decode(batch, latency, observer);
    List<RgbImage> images = made.images().subList(0, wanted);
    List<byte[]> encoded =
        latency.time(Stage.ENCODE, () -> images.stream().map(PngCodec::encode).toList());
    latencies.add(latency.snapshot());
    tokens.add(made.tokens());
    for (int i = 0; i < wanted; i++) {
      Sample sample = batch.samples().get(i);
      digests.add(images.get(i).sha256());
      if (shown.size() < ContactSheet.MAX_PICTURES) {
        shown.add(images.get(i));
        captions.add(String.valueOf(sample.label()));
      }
      if (output.folder().isPresent()) {
        output.folder().get().write(name(sample), encoded.get(i));
        files.add(name(sample));
      }
    }
  }

  private StoredTokens stored(SampleOrder order) {
    List<Integer> labels =
        IntStream.range(0, order.count()).mapToObj(i -> order.at(i).label()).toList();
    return new StoredTokens(
        order.count(),
        StoredTokens.joined(tokens, order.count()),
        Optional.of(labels),
        OptionalLong.of(order.firstIndex()));
  }

  private List<Picture> pictures(SampleOrder order, StoredTokens stored) {
    return IntStream.range(0, order.count())
        .mapToObj(
            i ->
                new Picture(
                    order.at(i).index(), order.at(i).label(), digests.get(i), stored.sha256(i)))
        .toList();
  }

  private void complete(DecodeFolder folder, StoredTokens stored) {
    folder.write(SHEET, PngCodec.encode(ContactSheet.of(shown, captions)));
    try (NpzWriter npz = NpzWriter.create(folder.path(TOKENS))) {
      stored.write(npz);
      npz.commit();
    }
    files.add(SHEET);
    files.add(TOKENS);
  }
}
