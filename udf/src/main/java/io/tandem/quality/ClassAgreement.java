package io.tandem.quality;

import static io.tandem.base.Checks.check;

import java.util.OptionalDouble;
import java.util.stream.LongStream;

/** The share of pictures that a classifier takes for what their label says. Not thread-safe. */
public final class ClassAgreement {

  private final long[] pictures;
  private final long[] agreeing;

  /** Makes an agreement of no pictures in {@code classes} classes. */
  public ClassAgreement(int classes) {
    pictures = new long[classes];
    agreeing = new long[classes];
  }

  /**
   * Adds a picture.
   *
   * @param label what it should be
   * @param classified what the classifier takes it for
   * @throws io.tandem.base.UserError if there is no such class
   */
  public void add(int label, int classified) {
    checkClass(label);
    checkClass(classified);
    pictures[label]++;
    agreeing[label] += label == classified ? 1 : 0;
  }

  private void checkClass(int label) {
    check(
        label >= 0 && label < pictures.length,
        "Cannot count class %d (the classifier has 0 to %d)",
        label,
        pictures.length - 1);
  }

  /** Returns the number of pictures. */
  public long pictures() {
    return LongStream.of(pictures).sum();
  }

  /** Returns the share of all pictures, in [0, 1]; empty if there are none. */
  public OptionalDouble share() {
    return share(LongStream.of(agreeing).sum(), pictures());
  }

  /** Returns the share of the pictures labelled {@code label}; empty if there are none. */
  public OptionalDouble share(int label) {
    return share(agreeing[label], pictures[label]);
  }

  private static OptionalDouble share(long agreeing, long pictures) {
    return pictures == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) agreeing / pictures);
  }
}
