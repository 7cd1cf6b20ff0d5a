package io.tandem.cli;

/** What the exit code of a command means. */
final class ExitCode {

  static final int DONE = 0;

  /** Unknown or missing options. */
  static final int USAGE = 1;

  /** The user's input is at fault: a message without a stack trace says what to change. */
  static final int INPUT = 2;

  /** A fault of Tandem or a failed job, with a stack trace. */
  static final int FAULT = 3;

  /** Finished, but some samples failed. */
  static final int FAILED_SAMPLES = 4;

  /** Interrupted, and the same command goes on where it stopped. */
  static final int INTERRUPTED = 5;

  private ExitCode() {}
}
