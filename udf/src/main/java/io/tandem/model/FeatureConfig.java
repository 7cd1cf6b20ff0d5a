package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.List;

/**
 * Architecture of the demo's feature network, a convolutional classifier.
 *
 * @param classes class labels
 * @param features numbers in a feature vector, a multiple of the 8 normalisation groups
 */
public record FeatureConfig(int classes, int features) implements Serializable {

  /** The network of the demo pack: ten classes of shapes. */
  public static final FeatureConfig DEMO = new FeatureConfig(10, 64);

  /** Height and width of a picture must be multiples of this many pixels. */
  public static final int PIXEL_MULTIPLE = 8;

  /** Channels after each convolution but the last, which gives the features. */
  private static final List<Integer> CHANNELS = List.of(32, 32, 64, 64, 128);

  private static final int GROUPS = 8;

  public FeatureConfig {
    check(classes > 0, "Cannot use a feature network of %d classes (at least 1)", classes);
    check(
        features > 0 && features % GROUPS == 0,
        "Cannot use a feature network of %d features (a multiple of %d is needed)",
        features,
        GROUPS);
  }

  /** Returns the number of convolutions. */
  public int convolutions() {
    return CHANNELS.size() + 1;
  }

  /** Returns the channels that convolution {@code index} takes. */
  public int inputChannels(int index) {
    return index == 0 ? 3 : CHANNELS.get(index - 1);
  }

  /** Returns the channels that convolution {@code index} gives. */
  public int outputChannels(int index) {
    return index == CHANNELS.size() ? features : CHANNELS.get(index);
  }
}
