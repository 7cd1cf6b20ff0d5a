package io.tandem.executor;

import io.tandem.fid.FeatureMoments;
import io.tandem.scores.InceptionScore;
import io.tandem.scores.SplitRule;
import java.io.Serializable;
import java.util.List;

/** What a task sums over the samples of a block. */
public final class BlockSums {

  private BlockSums() {}

  /**
   * Returns the moments about zero of {@code vectors}, at least one, in their order, as bytes.
   *
   * @throws io.tandem.base.UserError if a number is not finite, or they differ in length
   */
  public static byte[] moments(List<float[]> vectors) {
    double[] zeros = new double[vectors.get(0).length];
    return FeatureMoments.of(zeros, vectors).toBytes();
  }

  /**
   * Of which set an Inception Score is.
   *
   * @param rule how it is split
   * @param classes numbers in a vector of logits
   * @param samples of the whole set
   */
  public record ScoreOf(SplitRule rule, int classes, int samples) implements Serializable {}

  /**
   * Returns the part that {@code logits} of consecutive samples have in a score.
   *
   * @param first place of the first of them in the set
   */
  public static InceptionScore score(ScoreOf set, int first, List<float[]> logits) {
    InceptionScore score = new InceptionScore(set.rule(), set.classes(), set.samples());
    for (int i = 0; i < logits.size(); i++) {
      score.add(first + i, logits.get(i));
    }
    return score;
  }
}
