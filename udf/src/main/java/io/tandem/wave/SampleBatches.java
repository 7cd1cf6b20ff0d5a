package io.tandem.wave;

import static io.tandem.base.Checks.check;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.Sample;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Groups samples into batches that are always the same: batch b holds samples b x size to (b + 1) x
 * size - 1, wherever a wave or the run ends, so that a sample is decoded in the same company every
 * time.
 *
 * @param labels what the samples are of
 * @param size number of samples of each batch
 */
public record SampleBatches(SampleLabels labels, int size) implements Serializable {

  public SampleBatches {
    check(size >= 1, "Cannot decode batches of %d images (at least 1)", size);
  }

  /** Returns the batch that holds {@code sample}. */
  public long batchOf(long sample) {
    return sample / size;
  }

  /** Returns the first sample of {@code batch}. */
  public long firstSample(long batch) {
    return Math.multiplyExact(batch, size);
  }

  /**
   * Returns all samples of {@code batch}, for a run of {@code seed}.
   *
   * @throws io.tandem.base.UserError if a label is negative
   */
  public BatchRequest request(long seed, long batch) {
    long first = firstSample(batch);
    int[] classes = labels.labels(first, size);
    List<Sample> samples = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      samples.add(new Sample(first + i, classes[i]));
    }
    return BatchRequest.of(seed, samples);
  }
}
