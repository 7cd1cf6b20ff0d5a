package io.tandem.transformer;

import java.util.ArrayList;
import java.util.List;

/**
 * A call of a transformer that filled some of its cache: two caches that the same calls filled, on
 * the same inputs and in the same order, hold the same bits.
 *
 * @param kind what was computed
 * @param part for which rows of the batch
 * @param first scale
 * @param end scale after the last one
 */
public record Call(Kind kind, Part part, int first, int end) {

  /**
   * Rows of a product from which on more rows make it no faster: a prefill is cut after so many, at
   * scales that do not depend on how far it goes, so that a longer one begins with a shorter one.
   */
  private static final int ENOUGH_ROWS = 512;

  /** What a call computes. */
  public enum Kind {
    /** Keys and values of scales whose tokens are known. */
    PREFILL,
    /** Logits of a scale, with its keys and values. */
    STEP
  }

  /** Rows that a call computes together, which decides how its products are summed. */
  public enum Part {
    /** One row per image, with its label. */
    LABELLED(1),
    /** One row per image, without a label. */
    UNLABELLED(1),
    /** Both, together. */
    BOTH(2);

    private final int perImage;

    Part(int perImage) {
      this.perImage = perImage;
    }
  }

  /** Returns whether it fills rows with labels. */
  boolean hasLabelled() {
    return part != Part.UNLABELLED;
  }

  /** Returns whether it fills rows without labels. */
  boolean hasUnlabelled() {
    return part != Part.LABELLED;
  }

  /**
   * Returns the calls that fill scales from {@code first} to before {@code end}.
   *
   * @param offsets tokens before each scale, and after the last one
   * @param images of the batch
   */
  static List<Call> prefills(Part part, int first, int end, int[] offsets, int images) {
    List<Call> calls = new ArrayList<>();
    int begin = first;
    for (int scale = first; scale < end; scale++) {
      int rows = part.perImage * images * (offsets[scale + 1] - offsets[begin]);
      if (rows >= ENOUGH_ROWS || scale == end - 1) {
        calls.add(new Call(Kind.PREFILL, part, begin, scale + 1));
        begin = scale + 1;
      }
    }
    return calls;
  }
}
