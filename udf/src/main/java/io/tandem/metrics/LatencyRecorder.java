package io.tandem.metrics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Collects the latencies of one batch while it is decoded; {@link #snapshot} freezes them.
 *
 * <p>Stages follow one another, they do not nest. Not thread-safe: one recorder per batch.
 */
public final class LatencyRecorder {

  private final LatencyMode mode;
  private final Runnable drain;
  private final LongSupplier nanoClock;
  private final long startNanos;
  private final List<ScaleEntry> scales = new ArrayList<>();
  private final Map<Stage, Long> batchNanos = new EnumMap<>(Stage.class);

  /** Time of this batch that passed on no clock of this recorder. */
  private long carriedNanos;

  private long endNanos;
  private Timer running;

  /**
   * Starts the time of a batch.
   *
   * @param drain waits until the device has done all that was asked of it; called in {@link
   *     LatencyMode#SYNC} only
   */
  public LatencyRecorder(LatencyMode mode, Runnable drain) {
    this(mode, drain, System::nanoTime);
  }

  LatencyRecorder(LatencyMode mode, Runnable drain, LongSupplier nanoClock) {
    this.mode = mode;
    this.drain = drain;
    this.nanoClock = nanoClock;
    this.startNanos = readClock();
    this.endNanos = startNanos;
  }

  /**
   * Returns a recorder that goes on where {@code earlier} ended, as if no time had passed since:
   * for a batch that shares its first scales with others. This one stays as it is.
   *
   * @throws IllegalArgumentException if {@code earlier} was measured in another mode
   */
  public LatencyRecorder after(LatencyReport earlier) {
    if (earlier.mode() != mode) {
      throw new IllegalArgumentException(
          "Times of mode " + earlier.mode() + " cannot go on in mode " + mode);
    }
    LatencyRecorder next = new LatencyRecorder(mode, drain, nanoClock);
    earlier.scales().forEach(scale -> next.scales.add(new ScaleEntry(scale)));
    next.batchNanos.put(Stage.VAE, earlier.vaeNanos());
    next.batchNanos.put(Stage.ENCODE, earlier.encodeNanos());
    next.carriedNanos = earlier.totalNanos();
    return next;
  }

  /** A running measurement of one stage. */
  public final class Timer {

    private final Map<Stage, Long> totals;
    private final Stage stage;
    private final long beganNanos;

    private Timer(Map<Stage, Long> totals, Stage stage) {
      this.totals = totals;
      this.stage = stage;
      this.beganNanos = readClock();
    }

    /**
     * Adds the time since the start to its stage and returns it, in nanoseconds.
     *
     * @throws IllegalStateException if the timer was stopped before
     */
    public long stop() {
      if (running != this) {
        throw new IllegalStateException("The timer of " + stage + " was stopped twice");
      }
      running = null;
      endNanos = readClock();
      long nanos = endNanos - beganNanos;
      totals.merge(stage, nanos, Long::sum);
      return nanos;
    }
  }

  /**
   * Makes {@code step} the scale that the stages of a scale belong to from now on.
   *
   * @throws IllegalStateException if a stage is running, or the scale is not after the last one
   */
  public void beginScale(ScaleStep step) {
    checkNothingRuns("scale " + step.scale());
    if (!scales.isEmpty() && step.scale() <= currentScale().step.scale()) {
      throw new IllegalStateException(
          "Scale " + step.scale() + " began after scale " + currentScale().step.scale());
    }
    scales.add(new ScaleEntry(step));
  }

  /**
   * Starts a timer of {@code stage}; one stage may be timed several times, which adds up.
   *
   * @throws IllegalStateException if another timer runs, or the stage needs a scale and none began
   */
  public Timer start(Stage stage) {
    checkNothingRuns("a timer of " + stage);
    running =
        switch (stage) {
          case PREFILL, DECODE, SAMPLE -> new Timer(currentScale().nanos, stage);
          case VAE, ENCODE -> new Timer(batchNanos, stage);
        };
    return running;
  }

  /** Returns the result of {@code work}, whose time is added to {@code stage}. */
  public <T> T time(Stage stage, Supplier<T> work) {
    Timer timer = start(stage);
    try {
      return work.get();
    } finally {
      timer.stop();
    }
  }

  /**
   * Adds {@code nanos} to {@code stage} of the scale and to the whole: work of this batch that was
   * done, and measured, before, for another batch as well.
   */
  public void add(Stage stage, long nanos) {
    checkNothingRuns("an addition to " + stage);
    currentScale().nanos.merge(stage, nanos, Long::sum);
    carriedNanos += nanos;
  }

  /** Records that all key/value caches together have {@code bytes} now; the largest one counts. */
  public void cacheBytes(long bytes) {
    ScaleEntry scale = currentScale();
    scale.cacheBytes = Math.max(scale.cacheBytes, bytes);
  }

  /**
   * Returns what was measured so far.
   *
   * @throws IllegalStateException if a timer runs
   */
  public LatencyReport snapshot() {
    checkNothingRuns("a snapshot");
    return new LatencyReport(
        mode,
        scales.stream().map(ScaleEntry::latency).toList(),
        batchNanos.getOrDefault(Stage.VAE, 0L),
        batchNanos.getOrDefault(Stage.ENCODE, 0L),
        carriedNanos + endNanos - startNanos);
  }

  private long readClock() {
    if (mode == LatencyMode.OFF) {
      return 0;
    }
    if (mode == LatencyMode.SYNC) {
      drain.run();
    }
    return nanoClock.getAsLong();
  }

  private ScaleEntry currentScale() {
    if (scales.isEmpty()) {
      throw new IllegalStateException("No scale has begun");
    }
    return scales.get(scales.size() - 1);
  }

  private void checkNothingRuns(String wanted) {
    if (running != null) {
      throw new IllegalStateException(
          "Cannot begin " + wanted + " while the timer of " + running.stage + " runs");
    }
  }

  private static final class ScaleEntry {

    private final ScaleStep step;
    private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
    private long cacheBytes;

    private ScaleEntry(ScaleStep step) {
      this.step = step;
    }

    private ScaleEntry(ScaleLatency earlier) {
      this(earlier.step());
      nanos.put(Stage.PREFILL, earlier.prefillNanos());
      nanos.put(Stage.DECODE, earlier.decodeNanos());
      nanos.put(Stage.SAMPLE, earlier.sampleNanos());
      cacheBytes = earlier.cacheBytes();
    }

    private ScaleLatency latency() {
      return new ScaleLatency(
          step,
          nanos.getOrDefault(Stage.PREFILL, 0L),
          nanos.getOrDefault(Stage.DECODE, 0L),
          nanos.getOrDefault(Stage.SAMPLE, 0L),
          cacheBytes);
    }
  }
}
