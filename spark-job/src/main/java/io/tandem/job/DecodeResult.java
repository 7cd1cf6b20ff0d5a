package io.tandem.job;

import io.tandem.metrics.LatencyReport;
import java.util.List;
import java.util.Optional;

/**
 * What a decode made, and how.
 *
 * @param setting how images were decoded, on what
 * @param loading of the models
 * @param files names of all files in the output folder but the record itself; none without one
 * @param pictures in order
 * @param batches latencies of each batch
 * @param seconds from the first batch to the last file
 */
public record DecodeResult(
    Setting setting,
    ModelSources.Loading loading,
    List<String> files,
    List<Picture> pictures,
    List<LatencyReport> batches,
    double seconds) {

  public DecodeResult {
    files = List.copyOf(files);
    pictures = List.copyOf(pictures);
    batches = List.copyOf(batches);
  }

  /** Returns the images per second, of those that were asked for. */
  public double imagesPerSecond() {
    return pictures.size() / seconds;
  }

  /**
   * How images were decoded, on what.
   *
   * @param models names and origins
   * @param decoding empty if only stored tokens were turned into pixels
   * @param rounding of pixels
   * @param seed of the run
   * @param execution what the numbers depend on in their last bits
   */
  public record Setting(
      List<String> models,
      Optional<Decoding> decoding,
      String rounding,
      long seed,
      Execution execution) {}

  /**
   * How tokens were decoded, each setting in the text that sets it.
   *
   * @param plan canonical text
   * @param guidance strength and scales
   * @param topK by scale
   * @param topP by scale
   * @param temperature by scale
   * @param selection how a token was chosen
   */
  public record Decoding(
      String plan,
      String guidance,
      String topK,
      String topP,
      String temperature,
      String selection) {}

  /**
   * What the numbers depend on in their last bits, and how fast they come.
   *
   * @param precision of products
   * @param device where
   * @param threads of a kernel
   * @param batchSize images per batch
   * @param software versions
   */
  public record Execution(
      String precision, String device, int threads, int batchSize, String software) {}

  /**
   * One image.
   *
   * @param index of its sample
   * @param label its class
   * @param pixelsSha256 digest of its RGB bytes
   * @param tokensSha256 digest of its tokens: uint16, little-endian, coarse to fine
   */
  public record Picture(long index, int label, String pixelsSha256, String tokensSha256) {}
}
