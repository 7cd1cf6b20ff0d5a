package io.tandem.cli;

import io.tandem.report.Amounts;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.IntConsumer;

/** Says how far a job is: on one line in place on a terminal, on a line each time elsewhere. */
final class Progress implements IntConsumer {

  private final PrintWriter messages;
  private final int images;

  /** The launcher knows whether messages go to a terminal; a JVM does not. */
  private final boolean isTerminal = Boolean.getBoolean("tandem.terminal");

  private final long startNanos = System.nanoTime();

  /** Makes a progress of {@code images} images, whose time starts now. */
  Progress(PrintWriter messages, int images) {
    this.messages = messages;
    this.images = images;
  }

  /** Shows that {@code done} images are done. */
  @Override
  public void accept(int done) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    String line =
        String.format(
            Locale.ROOT,
            "%d of %d images, %s images/s, %.0f s left",
            done,
            images,
            Amounts.threeDigits(done / seconds),
            seconds / done * (images - done));
    if (!isTerminal) {
      messages.println(line);
    } else {
      messages.print("\r" + line + "   " + (done == images ? "\n" : ""));
      messages.flush();
    }
  }
}
