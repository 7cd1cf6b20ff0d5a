package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.util.List;

/**
 * What an executor has to hold.
 *
 * @param modelBytes size of each model's file, or of its weights where it has none
 * @param slots batches that are decoded at once
 * @param deviceBatchBytes what one batch needs beside the weights: caches and activations
 * @param pixelBatchBytes the pixels of one batch, three bytes each
 * @param rowGroupBytes what a task gathers before it writes
 */
public record ExecutorLoad(
    List<Long> modelBytes,
    int slots,
    long deviceBatchBytes,
    long pixelBatchBytes,
    long rowGroupBytes) {

  public ExecutorLoad {
    modelBytes = List.copyOf(modelBytes);
    check(
        slots >= 1
            && deviceBatchBytes >= 0
            && pixelBatchBytes >= 0
            && rowGroupBytes >= 0
            && modelBytes.stream().allMatch(bytes -> bytes >= 0),
        "Cannot reckon the memory of %d slots (at least one, and no negative sizes)",
        slots);
  }
}
