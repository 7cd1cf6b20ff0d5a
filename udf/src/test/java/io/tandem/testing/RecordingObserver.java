package io.tandem.testing;

import io.tandem.generate.DecodeObserver;
import io.tandem.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Copies what a decode produces to the heap. */
public final class RecordingObserver implements DecodeObserver {

  public final List<float[]> logits = new ArrayList<>();
  public final List<long[]> tokens = new ArrayList<>();
  public final List<float[]> featureMaps = new ArrayList<>();
  public final List<Long> cacheBytes = new ArrayList<>();
  public float[] images;

  @Override
  public void stepped(String model, int scale, long bytes) {
    cacheBytes.add(bytes);
  }

  @Override
  public void drawn(int scale, Tensor scaleLogits, long[] ids) {
    logits.add(scaleLogits.toFloats());
    tokens.add(ids);
  }

  @Override
  public void accumulated(int scale, Tensor featureMap) {
    featureMaps.add(featureMap.toFloats());
  }

  @Override
  public void decoded(Tensor decoded) {
    images = decoded.toFloats();
  }

  public float[] featureMap() {
    return featureMaps.get(featureMaps.size() - 1);
  }
}
