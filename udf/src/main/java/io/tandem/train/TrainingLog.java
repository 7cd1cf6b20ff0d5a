package io.tandem.train;

/**
 * Takes the rows of one stage of a training run. Belongs to one thread.
 *
 * <p>Rows are kept in memory until they are flushed, and a checkpoint flushes them before it is
 * committed. So what was never flushed is what the resumed run does again.
 */
public interface TrainingLog {

  /**
   * Takes a row.
   *
   * @throws IllegalArgumentException if its step is not after that of the row before, or lies
   *     before the step at which the stage began or was resumed
   */
  void add(TrainingRow row);

  /**
   * Stores the rows that came since the last time; nothing happens if there are none. If it fails,
   * they stay in memory and the next flush stores them.
   *
   * @throws io.tandem.base.UserError if they cannot be written, because the disk is full for
   *     instance
   */
  void flush();
}
