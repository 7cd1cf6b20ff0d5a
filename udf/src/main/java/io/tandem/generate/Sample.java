package io.tandem.generate;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * One image to make.
 *
 * @param index position in the run; together with the run's seed it decides all random draws
 * @param label class of the image
 */
public record Sample(long index, int label) implements Serializable {

  public Sample {
    check(index >= 0, "Cannot make sample %d: its index is negative", index);
  }
}
