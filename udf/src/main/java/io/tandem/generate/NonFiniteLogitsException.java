package io.tandem.generate;

/** A model gave logits that are not finite numbers: its weights or its precision are at fault. */
public final class NonFiniteLogitsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final long sampleIndex;
  private final int scale;

  NonFiniteLogitsException(String model, long sampleIndex, int scale) {
    super(
        String.format(
            "Cannot draw tokens of sample %d at scale %d: the logits of '%s' are not finite numbers",
            sampleIndex, scale + 1, model));
    this.sampleIndex = sampleIndex;
    this.scale = scale;
  }

  /** Returns the index of the sample in the run. */
  public long sampleIndex() {
    return sampleIndex;
  }

  /** Returns the scale, counted from 0. */
  public int scale() {
    return scale;
  }
}
