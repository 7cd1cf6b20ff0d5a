package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which samples a job makes, in order, and which would follow them.
 *
 * @param firstIndex index of the first sample in the run
 * @param cycle labels, which repeat; the first sample has the first one
 * @param count number of samples
 */
public record SampleOrder(long firstIndex, List<Integer> cycle, int count) {

  /** Bounds what a single process keeps account of; larger sets are a job for a cluster. */
  private static final int MOST = 1_000_000;

  public SampleOrder {
    cycle = List.copyOf(cycle);
    check(!cycle.isEmpty(), "Cannot make images of no classes (at least one label is needed)");
    check(count >= 1 && count <= MOST, "Cannot make %d images (1 to %d)", count, MOST);
    check(
        firstIndex >= 0 && firstIndex <= Long.MAX_VALUE - 2L * MOST,
        "Cannot begin with sample %d (0 or more, and below 2^62)",
        firstIndex);
  }

  /** Returns the order with one sample per label. */
  public static SampleOrder listed(long firstIndex, List<Integer> labels) {
    return new SampleOrder(firstIndex, labels, labels.size());
  }

  /**
   * Returns the seed-major order: every run of {@code classes.size()} consecutive indexes, counted
   * from 0, holds each class once, so that every beginning is balanced.
   */
  public static SampleOrder seedMajor(long firstIndex, List<Integer> classes, int count) {
    check(!classes.isEmpty(), "Cannot make images of no classes (at least one is needed)");
    int start = (int) Math.floorMod(firstIndex, (long) classes.size());
    List<Integer> cycle = new ArrayList<>(classes.subList(start, classes.size()));
    cycle.addAll(classes.subList(0, start));
    return new SampleOrder(firstIndex, cycle, count);
  }

  /** Returns sample {@code i}, counted from 0; those from {@code count} on are padding. */
  public Sample at(int i) {
    return new Sample(firstIndex + i, cycle.get(i % cycle.size()));
  }

  /**
   * Returns batches of exactly {@code batchSize} samples, the last one filled up with the samples
   * that would follow: what a sample becomes must not depend on how many were asked for.
   *
   * @param given token maps of the first scales, which repeat over the padding; may be empty
   */
  public List<BatchRequest> batches(long seed, int batchSize, StoredTokens given) {
    check(batchSize >= 1, "Cannot decode batches of %d images (at least 1)", batchSize);
    List<BatchRequest> batches = new ArrayList<>();
    for (int first = 0; first < count; first += batchSize) {
      List<Sample> samples = IntStream.range(first, first + batchSize).mapToObj(this::at).toList();
      batches.add(new BatchRequest(seed, samples, given.rows(first, batchSize)));
    }
    return batches;
  }
}
