package io.tandem.generate;

import io.tandem.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what batches give on their way, on the heap: the last feature map, the images as numbers
 * and, if wanted, the logits. One recorder for any number of batches, one after another.
 */
public final class TraceRecorder implements DecodeObserver {

  /** Whether logits, by far the largest part, are kept. */
  public enum Logits {
    KEPT,
    DROPPED
  }

  private final int scales;
  private final Logits kept;
  private final List<List<float[]>> logits = new ArrayList<>();
  private final List<float[]> featureMaps = new ArrayList<>();
  private final List<float[]> images = new ArrayList<>();

  /** Makes a recorder for images of {@code scales} scales. */
  public TraceRecorder(int scales, Logits kept) {
    this.scales = scales;
    this.kept = kept;
    for (int scale = 0; scale < scales; scale++) {
      logits.add(new ArrayList<>());
    }
  }

  @Override
  public void drawn(int scale, Tensor guided, long[] tokens) {
    if (kept == Logits.KEPT) {
      logits.get(scale).add(guided.toFloats());
    }
  }

  @Override
  public void accumulated(int scale, Tensor featureMap) {
    if (scale == scales - 1) {
      featureMaps.add(featureMap.toFloats());
    }
  }

  @Override
  public void decoded(Tensor decoded) {
    images.add(decoded.toFloats());
  }

  /** Returns the guided logits of {@code scale}, float32 [B, l, V] for each batch that drew it. */
  public List<float[]> logits(int scale) {
    return List.copyOf(logits.get(scale));
  }

  /** Returns the finished feature maps, float32 [B, Z, S, S] for each batch. */
  public List<float[]> featureMaps() {
    return List.copyOf(featureMaps);
  }

  /** Returns the images, float32 [B, 3, H, W] in [0, 1] for each batch. */
  public List<float[]> images() {
    return List.copyOf(images);
  }
}
