package io.tandem.fid;

import io.tandem.base.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Moments of a set of samples, block by block: block i has the samples from i x length on.
 *
 * <p>Samples may come in any order. Within a block they are summed by index, and blocks are added
 * up by number, so the same samples give the same bits. The vectors of a block are held until it is
 * full. Not thread-safe.
 */
public final class MomentBlocks {

  /** Samples in a block where nothing else decides. */
  public static final int LENGTH = 1000;

  private final double[] centre;
  private final int blockLength;
  private final Map<Long, SortedMap<Long, float[]>> started = new TreeMap<>();
  private final Map<Long, FeatureMoments> full = new TreeMap<>();

  /**
   * Makes an empty set.
   *
   * @param centre what the moments are about: zeros, or a point near the mean
   * @param blockLength samples in a block
   */
  public MomentBlocks(double[] centre, int blockLength) {
    if (blockLength < 1) {
      throw new IllegalArgumentException("Cannot make blocks of " + blockLength + " samples");
    }
    this.centre = centre.clone();
    this.blockLength = blockLength;
  }

  /**
   * Adds the features of one sample.
   *
   * @param sample its index, from 0
   * @throws UserError if the sample was added before, if there are more or fewer features than the
   *     centre has, or if one is not finite
   */
  public void add(long sample, float[] features) {
    if (sample < 0) {
      throw new IllegalArgumentException("Cannot add sample " + sample);
    }
    FeatureMoments.requireUsable(sample, features, centre.length);
    long block = sample / blockLength;
    SortedMap<Long, float[]> vectors = started.getOrDefault(block, new TreeMap<>());
    if (full.containsKey(block) || vectors.containsKey(sample)) {
      throw UserError.of(
          "Cannot add the features of sample %d: they were added before (once)", sample);
    }
    vectors.put(sample, features.clone());
    if (vectors.size() < blockLength) {
      started.put(block, vectors);
    } else {
      full.put(block, moments(vectors));
      started.remove(block);
    }
  }

  /** Returns the moments of each block that has samples, by number. */
  public List<FeatureMoments> blocks() {
    Map<Long, FeatureMoments> all = new TreeMap<>(full);
    started.forEach((block, vectors) -> all.put(block, moments(vectors)));
    return List.copyOf(all.values());
  }

  /** Returns the moments of all samples. */
  public FeatureMoments total() {
    List<FeatureMoments> blocks = blocks();
    return blocks.isEmpty() ? FeatureMoments.none(centre) : FeatureMoments.sum(blocks);
  }

  private FeatureMoments moments(SortedMap<Long, float[]> vectors) {
    return FeatureMoments.of(centre, new ArrayList<>(vectors.values()));
  }
}
