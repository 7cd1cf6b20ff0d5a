package io.tandem.table;

import java.io.Serializable;
import java.util.Optional;

/**
 * What a run stored of a sample, without its picture.
 *
 * @param sampleIndex index in the run
 * @param classId class that was asked for
 * @param seed seed of the run that made it
 * @param place where it was decoded
 * @param pixelsSha256 digest of the RGB bytes, none if there is no picture
 * @param tokensSha256 digest of the tokens, none if the sample failed
 */
public record StoredSample(
    long sampleIndex,
    int classId,
    long seed,
    Place place,
    Optional<String> pixelsSha256,
    Optional<String> tokensSha256) {

  /**
   * Where a sample was decoded.
   *
   * @param wave wave that holds its row
   * @param batch batch, by number
   * @param batchSize samples of that batch
   * @param position place in the batch, from 0
   * @param status {@code ok} or {@code failed}
   * @param device what the worker calls its device, empty if the row does not say
   */
  public record Place(
      int wave, long batch, int batchSize, int position, String status, String device)
      implements Serializable {}
}
