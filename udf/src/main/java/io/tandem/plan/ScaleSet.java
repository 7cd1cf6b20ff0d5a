package io.tandem.plan;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Some of the scales of an image.
 *
 * <p>Counted from 0 here, but from 1 in text: {@code 1-4,6-10}.
 *
 * @param scales number of scales of the image
 * @param members those in the set, each once, coarse to fine
 */
public record ScaleSet(int scales, List<Integer> members) implements Serializable {

  public ScaleSet {
    members = members.stream().distinct().sorted().toList();
    for (int scale : members) {
      check(
          scale >= 0 && scale < scales,
          "Cannot use scale %d: there is none (scales are 1 to %d)",
          scale + 1,
          scales);
    }
  }

  /** Returns the first {@code count} of {@code scales} scales. */
  public static ScaleSet first(int count, int scales) {
    return new ScaleSet(scales, IntStream.range(0, count).boxed().toList());
  }

  /** Returns all {@code scales} scales. */
  public static ScaleSet all(int scales) {
    return first(scales, scales);
  }

  /**
   * Returns the scales that {@code text} lists; ranges may overlap.
   *
   * @param what what they are, to begin messages with: {@code guidance scales}
   * @throws io.tandem.base.UserError if the text is malformed or names a scale that does not exist
   */
  public static ScaleSet parse(String what, String text, int scales) {
    String subject = what + " '" + text + "'";
    check(!text.isBlank(), "Cannot use %s: it is empty (such as 1-8 or 1-4,6-10)", subject);
    List<Integer> members = new ArrayList<>();
    for (String piece : text.split(",", -1)) {
      check(
          ScaleRange.matches(piece.strip()),
          "Cannot use %s: '%s' is not a range of scales (such as 1-8 or 4)",
          subject,
          piece.strip());
      ScaleRange range = ScaleRange.parse(piece.strip(), scales, subject);
      IntStream.rangeClosed(range.first(), range.last()).forEach(members::add);
    }
    return new ScaleSet(scales, members);
  }

  /** Says whether {@code scale}, which counts from 0, is in the set. */
  public boolean contains(int scale) {
    return members.contains(scale);
  }

  /** Returns the text that lists the scales, {@code none} for an empty set. */
  @Override
  public String toString() {
    if (members.isEmpty()) {
      return "none";
    }
    PerScale<Boolean> membership =
        new PerScale<>(IntStream.range(0, scales).mapToObj(this::contains).toList());
    return membership.runs().stream()
        .filter(run -> contains(run.first()))
        .map(ScaleRange::toString)
        .collect(Collectors.joining(","));
  }
}
