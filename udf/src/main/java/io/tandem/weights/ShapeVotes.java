package io.tandem.weights;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a number of an architecture that many shapes tell, by majority, so that one misshapen
 * tensor does not make all others look wrong.
 */
final class ShapeVotes {

  private static final int MAX_SIZE = 1 << 24;

  private final WeightSource source;
  private final Map<Integer, Integer> votes = new LinkedHashMap<>();

  ShapeVotes(WeightSource source) {
    this.source = source;
  }

  /** Adds the vote of axis {@code axis} of tensor {@code name}, if there is such a tensor. */
  ShapeVotes add(String name, int axis) {
    if (source.names().contains(name) && source.spec(name).shape().size() > axis) {
      long size = source.spec(name).shape().get(axis);
      if (size > 0 && size <= MAX_SIZE) {
        votes.merge((int) size, 1, Integer::sum);
      }
    }
    return this;
  }

  /** Returns the size with most votes, the first of equals. */
  OptionalInt winner() {
    int most = 0;
    OptionalInt winner = OptionalInt.empty();
    for (Map.Entry<Integer, Integer> vote : votes.entrySet()) {
      if (vote.getValue() > most) {
        most = vote.getValue();
        winner = OptionalInt.of(vote.getKey());
      }
    }
    return winner;
  }

  /**
   * Returns how many layers of a numbered kind {@code source} has, as told by the tensor that most
   * of them have.
   *
   * @param pattern matches the names of their tensors; its first group is the part after the number
   */
  static int layers(WeightSource source, Pattern pattern) {
    Map<String, Integer> counts = new HashMap<>();
    int most = 0;
    for (String name : source.names()) {
      Matcher matcher = pattern.matcher(name);
      if (matcher.matches()) {
        most = Math.max(most, counts.merge(matcher.group(1), 1, Integer::sum));
      }
    }
    return most;
  }
}
