package io.tandem.scores;

import io.tandem.fid.FeatureSet;
import io.tandem.fid.JacobiAlgebra;
import io.tandem.fid.LinearAlgebra;
import io.tandem.kernel.LibTorchAlgebra;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Small sets of features. */
final class Sets {

  private Sets() {}

  static Stream<LinearAlgebra> algebras() {
    return Stream.of(new JacobiAlgebra(), new LibTorchAlgebra());
  }

  static FeatureSet of(float[]... vectors) {
    return FeatureSet.of(List.of(vectors));
  }

  static FeatureSet column(double... numbers) {
    List<float[]> vectors = new ArrayList<>();
    for (double number : numbers) {
      vectors.add(new float[] {(float) number});
    }
    return FeatureSet.of(vectors);
  }

  /** Returns vectors of whole numbers below {@code bound}, with many equal distances. */
  static FeatureSet whole(long seed, int vectors, int dimension, int bound) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      float[] vector = new float[dimension];
      for (int k = 0; k < dimension; k++) {
        vector[k] = random.nextInt(bound);
      }
      all.add(vector);
    }
    return FeatureSet.of(all);
  }

  /** Returns vectors of numbers in [from, to). */
  static FeatureSet uniform(long seed, int vectors, int dimension, double from, double to) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      float[] vector = new float[dimension];
      for (int k = 0; k < dimension; k++) {
        vector[k] = (float) (from + (to - from) * random.nextDouble());
      }
      all.add(vector);
    }
    return FeatureSet.of(all);
  }

  /** Returns the sum of the squared differences, number by number. */
  static double squaredDistance(FeatureSet a, int i, FeatureSet b, int j) {
    double sum = 0;
    for (int k = 0; k < a.dimension(); k++) {
      double difference = (double) a.number(i, k) - b.number(j, k);
      sum += difference * difference;
    }
    return sum;
  }
}
