package io.tandem.wave;

import static io.tandem.base.Checks.check;

import java.util.List;

/**
 * Labels that repeat. With each class once it is the seed-major order: every run of {@code
 * cycle.size()} indexes that starts at a multiple of it holds each class once, so that every
 * beginning of a set is balanced.
 *
 * @param cycle labels of the first samples
 */
public record CycledLabels(List<Integer> cycle) implements SampleLabels {

  public CycledLabels {
    cycle = List.copyOf(cycle);
    check(!cycle.isEmpty(), "Cannot make images of no classes (at least one label is needed)");
  }

  @Override
  public int[] labels(long first, int count) {
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = cycle.get((int) ((first + i) % cycle.size()));
    }
    return labels;
  }
}
