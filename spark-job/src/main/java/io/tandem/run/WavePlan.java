package io.tandem.run;

import static io.tandem.base.Checks.check;

import io.tandem.wave.Wave;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All waves of a run, reckoned when they are asked for: a plan takes as much memory for ten million
 * samples as for ten.
 *
 * <p>Where waves begin and end was settled when their segment was added, and nothing moves it
 * later. Thread-safe.
 *
 * @param segments at least one; each starts where the one before it ends, the first one at wave and
 *     sample 0
 */
public record WavePlan(List<Segment> segments) implements Serializable {

  /** A slot should decode several batches per wave, so that waves that end cost little. */
  private static final int BATCHES_PER_SLOT = 4;

  /** What a run may lose when it dies, more or less. */
  private static final double WAVE_SECONDS = 300;

  public WavePlan {
    segments = List.copyOf(segments);
    check(!segments.isEmpty(), "Cannot plan waves without a segment (1 or more)");
    int wave = 0;
    long sample = 0;
    for (Segment segment : segments) {
      check(
          segment.firstWave() == wave && segment.firstSample() == sample,
          "Cannot plan waves: a segment starts at wave %d and sample %d (wave %d and sample %d"
              + " come next)",
          segment.firstWave(),
          segment.firstSample(),
          wave,
          sample);
      wave = segment.endWave();
      sample = segment.endSample();
    }
  }

  /**
   * Returns the plan of a new run.
   *
   * @param images number of samples
   * @param waveImages as {@link #defaultWaveImages} or {@link #wholeBatches} returns it
   * @throws io.tandem.base.UserError if one of them is less than 1
   */
  public static WavePlan of(long images, long waveImages) {
    check(images >= 1, "Cannot make %d images (1 or more)", images);
    return new WavePlan(List.of(new Segment(0, 0, images, waveImages)));
  }

  /**
   * Returns this plan with a segment at its end, or this plan if it has {@code images} already.
   *
   * @param images number of samples of the longer run
   * @param waveImages for the new segment
   * @throws io.tandem.base.UserError if there are more samples already
   */
  public WavePlan extended(long images, long waveImages) {
    check(
        images >= images(),
        "Cannot make %d images of a run of %d (it may only grow)",
        images,
        images());
    if (images == images()) {
      return this;
    }
    List<Segment> longer = new ArrayList<>(segments);
    longer.add(new Segment(waves(), images(), images, waveImages));
    return new WavePlan(longer);
  }

  /**
   * Returns a size of waves that loses little: about five minutes of work, at least four batches
   * per slot, whole batches.
   *
   * @param batchSize images per batch
   * @param slots batches that are decoded at once on all executors together
   * @param imagesPerSecond of all slots together, estimated; 0 if nothing is known
   */
  public static long defaultWaveImages(int batchSize, int slots, double imagesPerSecond) {
    if (batchSize < 1 || slots < 1 || !(imagesPerSecond >= 0)) {
      throw new IllegalArgumentException(
          "No waves for batches of %d, %d slots, %s images per second"
              .formatted(batchSize, slots, imagesPerSecond));
    }
    long fewest = Math.multiplyExact((long) BATCHES_PER_SLOT * slots, (long) batchSize);
    double timed = Math.min(imagesPerSecond * WAVE_SECONDS, Integer.MAX_VALUE);
    return wholeBatches(Math.max(fewest, (long) Math.ceil(timed)), batchSize);
  }

  /**
   * Returns {@code waveImages}, or as few more as make whole batches.
   *
   * @throws io.tandem.base.UserError if it is less than 1
   */
  public static long wholeBatches(long waveImages, int batchSize) {
    check(waveImages >= 1, "Cannot make waves of %d images (1 or more)", waveImages);
    long batches = (waveImages - 1) / batchSize + 1;
    check(
        batches <= Long.MAX_VALUE / batchSize,
        "Cannot make waves of %d images (at most %d)",
        waveImages,
        Long.MAX_VALUE - batchSize);
    return batches * batchSize;
  }

  /** Returns the number of samples. */
  public long images() {
    return segments.get(segments.size() - 1).endSample();
  }

  /** Returns the number of waves. */
  public int waves() {
    return segments.get(segments.size() - 1).endWave();
  }

  /**
   * Returns a wave.
   *
   * @throws IndexOutOfBoundsException if {@code number} is not from 0 to {@link #waves} - 1
   */
  public Wave wave(int number) {
    int low = 0;
    int high = segments.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (number < segments.get(middle).endWave()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return segments.get(low).wave(number);
  }

  /** Returns all waves in order, each made when it is reached. */
  public Stream<Wave> stream() {
    return IntStream.range(0, waves()).mapToObj(this::wave);
  }
}
