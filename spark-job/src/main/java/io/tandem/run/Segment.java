package io.tandem.run;

import static io.tandem.base.Checks.check;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.wave.Wave;
import java.io.Serializable;

/**
 * Samples whose waves were laid down by one start of a run: its first one, or one that made it
 * longer.
 *
 * <p>Waves end at multiples of {@code waveImages}, counted from sample 0, and at the end of the
 * segment. So a segment that starts inside a batch has one wave that does, and no other.
 *
 * @param firstWave number of its first wave
 * @param firstSample index of its first sample
 * @param endSample index after its last sample
 * @param waveImages samples of each wave but the first and the last one; a multiple of the batch
 *     size
 */
public record Segment(int firstWave, long firstSample, long endSample, long waveImages)
    implements Serializable {

  public Segment {
    check(
        firstWave >= 0 && firstSample >= 0 && endSample > firstSample && waveImages >= 1,
        "Cannot make waves of %d images of samples %d to %d from wave %d on (none of these may be"
            + " negative, and at least one sample is needed)",
        waveImages,
        firstSample,
        endSample - 1,
        firstWave);
    long waves = (endSample - 1) / waveImages - firstSample / waveImages + 1;
    check(
        waves <= Integer.MAX_VALUE - firstWave,
        "Cannot make %d images in waves of %d (at most %d waves). Use larger waves.",
        endSample,
        waveImages,
        Integer.MAX_VALUE);
  }

  /** Returns the number of waves. */
  public int waves() {
    return (int) ((endSample - 1) / waveImages - firstSample / waveImages + 1);
  }

  /** Returns the number after that of the last wave. */
  public int endWave() {
    return firstWave + waves();
  }

  /** Returns a wave by its number among all waves of the run. */
  Wave wave(int number) {
    if (number < firstWave || number >= endWave()) {
      throw new IndexOutOfBoundsException("Wave " + number + " is not in " + this);
    }
    long row = firstSample / waveImages + number - firstWave;
    long end = number == endWave() - 1 ? endSample : (row + 1) * waveImages;
    return new Wave(number, Math.max(firstSample, row * waveImages), end);
  }

  static Segment read(Fields fields) {
    return new Segment(
        fields.index("first_wave"),
        fields.number("first_sample", 0),
        fields.number("end_sample", 1),
        fields.number("wave_images", 1));
  }

  void write(ObjectNode json) {
    json.put("first_wave", firstWave)
        .put("first_sample", firstSample)
        .put("end_sample", endSample)
        .put("wave_images", waveImages);
  }
}
