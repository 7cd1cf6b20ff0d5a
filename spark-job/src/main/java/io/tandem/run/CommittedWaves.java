package io.tandem.run;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Which waves of a run are committed, and their sums: what is kept of the records once they are
 * read. Immutable.
 */
public final class CommittedWaves {

  private final BitSet waves = new BitSet();
  private final BitSet wavesWithFailures = new BitSet();
  private long images;
  private long failed;
  private long workNanos;
  private long wallNanos;
  private long files;
  private long bytes;

  CommittedWaves() {}

  void add(WaveRecord record) {
    waves.set(record.wave().number());
    if (record.sums().failed() > 0) {
      wavesWithFailures.set(record.wave().number());
    }
    images += record.sums().rows();
    failed += record.sums().failed();
    workNanos += record.sums().workNanos();
    wallNanos += record.sums().wallNanos();
    files += record.files().images().size() + record.files().latency().size();
    bytes += record.files().bytes();
  }

  /** Returns whether there is a record of wave {@code number}. */
  public boolean holds(int number) {
    return waves.get(number);
  }

  /** Returns the number of committed waves. */
  public int count() {
    return waves.cardinality();
  }

  /** Returns the committed waves in which samples failed, in order. */
  public IntStream withFailures() {
    return wavesWithFailures.stream();
  }

  /** Returns the committed samples, failed ones among them. */
  public long images() {
    return images;
  }

  /** Returns the committed samples that failed. */
  public long failed() {
    return failed;
  }

  /** Returns the time that all slots together spent on decoding. */
  public long workNanos() {
    return workNanos;
  }

  /** Returns the times of the waves, which overlap, added up. */
  public long wallNanos() {
    return wallNanos;
  }

  /** Returns the number of all files. */
  public long files() {
    return files;
  }

  /** Returns the bytes of all files. */
  public long bytes() {
    return bytes;
  }
}
