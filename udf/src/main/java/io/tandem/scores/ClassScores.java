package io.tandem.scores;

import static io.tandem.base.Checks.check;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.LinearAlgebra;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Scores of single classes, which have too few samples for a covariance and so for FID. */
public final class ClassScores {

  private ClassScores() {}

  /**
   * Returns the unbiased KID of each class that has at least two samples in both sets.
   *
   * @param generatedLabels class of each generated vector
   * @param realLabels class of each real vector
   * @throws io.tandem.base.UserError if there is not one label for each vector, or the sets are of
   *     different dimensions
   */
  public static SortedMap<Integer, Double> kernelDistances(
      FeatureSet generated,
      int[] generatedLabels,
      FeatureSet real,
      int[] realLabels,
      LinearAlgebra algebra) {
    checkLabels(generated.size(), generatedLabels);
    checkLabels(real.size(), realLabels);
    SortedMap<Integer, Double> distances = new TreeMap<>();
    for (int label : IntStream.of(generatedLabels).distinct().toArray()) {
      int[] some = rows(generatedLabels, label);
      int[] others = rows(realLabels, label);
      if (some.length >= 2 && others.length >= 2) {
        distances.put(
            label, KernelDistance.unbiased(generated.select(some), real.select(others), algebra));
      }
    }
    return distances;
  }

  /**
   * Returns the precision of each class: the share of its samples that are in a ball around a real
   * sample of any class.
   *
   * @param precise which generated samples are: {@link PrecisionRecall.Overlap#precise}
   * @param labels class of each generated sample
   */
  public static SortedMap<Integer, Double> precisions(BitSet precise, int[] labels) {
    SortedMap<Integer, Double> precisions = new TreeMap<>();
    for (int label : IntStream.of(labels).distinct().toArray()) {
      precisions.put(
          label,
          IntStream.of(rows(labels, label))
              .mapToDouble(row -> precise.get(row) ? 1 : 0)
              .average()
              .orElseThrow());
    }
    return precisions;
  }

  private static int[] rows(int[] labels, int label) {
    return IntStream.range(0, labels.length).filter(row -> labels[row] == label).toArray();
  }

  private static void checkLabels(int samples, int[] labels) {
    check(
        samples == labels.length,
        "Cannot score the classes of %d samples with %d labels (one each)",
        samples,
        labels.length);
  }
}
