package io.tandem.job;

import java.util.OptionalDouble;

/** Is told how far a training is. Called by the thread that trains. */
public interface TrainingProgress {

  /** Tells nobody. */
  TrainingProgress NONE =
      new TrainingProgress() {
        @Override
        public void at(Reading reading) {}

        @Override
        public void said(String text) {}

        @Override
        public void ended(String text) {}
      };

  /**
   * Where a stage is.
   *
   * @param stage its name
   * @param count how far it is
   * @param loss smoothed loss, if there is one
   * @param imagesPerSecond smoothed
   * @param secondsLeft at this speed
   */
  record Reading(
      String stage, Count count, OptionalDouble loss, double imagesPerSecond, double secondsLeft) {}

  /**
   * How far a stage is.
   *
   * @param done how many are done
   * @param all how many there are
   * @param unit what is counted: steps or pictures
   */
  record Count(long done, long all, String unit) {

    /** Returns whether nothing is left. */
    public boolean isComplete() {
      return done == all;
    }
  }

  /** Called often: after each step, or each few pictures. */
  void at(Reading reading);

  /** Called now and then by parts that count in words of their own. */
  void said(String text);

  /** Called when a stage has ended, with one line that says how. */
  void ended(String text);
}
