package io.tandem.scores;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Which samples make up each split of an Inception Score. Tools differ in it, and their scores with
 * them.
 *
 * @param shape how splits follow from positions
 * @param number how many splits there are, or how many samples are in one
 * @param order what is a sample's position
 * @param deviation how the spread of the splits is told
 */
public record SplitRule(Shape shape, int number, Order order, Deviation deviation)
    implements Serializable {

  /** How splits follow from positions. */
  public enum Shape {
    /** {@code number} splits; split i starts at {@code i * samples / number}, rounded down. */
    SHARES,
    /** {@code number} splits of {@code samples / number}, rounded down; what remains is dropped. */
    EQUAL_SHARES,
    /**
     * At most {@code number} splits of {@code samples / number}, rounded up; the last is shorter.
     */
    CHUNKS,
    /** Splits of {@code number} samples; the last may be shorter and weighs the same. */
    BLOCKS
  }

  /** What is a sample's position. */
  public enum Order {
    /** Its index: samples that are in the order of their classes give a score far too low. */
    INDEX,
    /** Its place after NumPy's {@code RandomState(2020).permutation}. */
    SHUFFLED
  }

  /** How the spread of the splits is told. */
  public enum Deviation {
    /** The divisor is the number of splits. */
    POPULATION,
    /** The divisor is one less. */
    SAMPLE
  }

  /** ADM's evaluator: blocks of 5,000 as they come. */
  public static final SplitRule ADM =
      new SplitRule(Shape.BLOCKS, 5000, Order.INDEX, Deviation.POPULATION);

  /** torch-fidelity: ten shares of the shuffled samples. */
  public static final SplitRule TORCH_FIDELITY =
      new SplitRule(Shape.SHARES, 10, Order.SHUFFLED, Deviation.POPULATION);

  /** StyleGAN's {@code is50k}: ten shares as they come. */
  public static final SplitRule NVIDIA =
      new SplitRule(Shape.SHARES, 10, Order.INDEX, Deviation.POPULATION);

  /** torchmetrics: ten chunks of shuffled samples. It has no seed; torch-fidelity's is taken. */
  public static final SplitRule TORCHMETRICS =
      new SplitRule(Shape.CHUNKS, 10, Order.SHUFFLED, Deviation.SAMPLE);

  /** dgm-eval: ten equal shares of the shuffled samples. */
  public static final SplitRule DGM_EVAL =
      new SplitRule(Shape.EQUAL_SHARES, 10, Order.SHUFFLED, Deviation.POPULATION);

  /** All samples together. */
  public static final SplitRule WHOLE =
      new SplitRule(Shape.SHARES, 1, Order.INDEX, Deviation.POPULATION);

  private static final int SEED = 2020;

  /** Checks {@code number}. */
  public SplitRule {
    check(number >= 1, "Cannot split samples by %d (at least 1)", number);
  }

  /**
   * Returns how many splits there are of {@code samples} samples.
   *
   * @throws io.tandem.base.UserError if one would have no samples
   */
  public int splits(int samples) {
    boolean many = shape == Shape.SHARES || shape == Shape.EQUAL_SHARES;
    check(
        samples >= (many ? number : 1),
        "Cannot compute an Inception Score of %d samples in %d splits (at least one sample in"
            + " each). Use more samples.",
        samples,
        many ? number : 1);
    return many ? number : (samples + blockLength(samples) - 1) / blockLength(samples);
  }

  private int blockLength(int samples) {
    return switch (shape) {
      case BLOCKS -> number;
      case CHUNKS -> (int) ((samples + (long) number - 1) / number);
      case SHARES, EQUAL_SHARES -> samples / number;
    };
  }

  /** Returns the split of the sample at {@code position}; empty if it is dropped. */
  OptionalInt split(int position, int samples) {
    if (shape == Shape.SHARES) {
      return OptionalInt.of((int) (((position + 1L) * number - 1) / samples));
    }
    int split = position / blockLength(samples);
    return split < splits(samples) ? OptionalInt.of(split) : OptionalInt.empty();
  }

  /** Returns the position of each of {@code samples} samples. */
  int[] positions(int samples) {
    int[] positions = new int[samples];
    Arrays.setAll(positions, i -> i);
    if (order == Order.SHUFFLED) {
      int[] shuffled = new NumpyRandom(SEED).permutation(samples);
      for (int i = 0; i < samples; i++) {
        positions[shuffled[i]] = i;
      }
    }
    return positions;
  }
}
