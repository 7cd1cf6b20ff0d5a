package io.tandem.cli;

import io.tandem.job.GenerateConditions.Companion;
import io.tandem.report.Amounts;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Says how far a data set is: on one line in place on a terminal, elsewhere on a line every ten
 * seconds.
 */
final class GenerateLine implements Companion {

  private static final long PLAIN_PERIOD_NANOS = 10_000_000_000L;

  private final PrintWriter messages;
  private final BooleanSupplier stopWish;

  /** The launcher knows whether messages go to a terminal; a JVM does not. */
  private final boolean isTerminal = Boolean.getBoolean("tandem.terminal");

  private long first = -1;
  private long firstNanos;
  private long saidNanos;
  private long said = -1;
  private long last;

  GenerateLine(PrintWriter messages, BooleanSupplier stopWish) {
    this.messages = messages;
    this.stopWish = stopWish;
  }

  @Override
  public synchronized void say(String line) {
    messages.println(line);
  }

  @Override
  public synchronized void progressed(long done, long images) {
    long now = System.nanoTime();
    if (first < 0 || done < last) { // the next data set of a sweep
      first = done;
      said = -1;
      firstNanos = now;
      saidNanos = now - PLAIN_PERIOD_NANOS;
    }
    last = done;
    boolean isDue = isTerminal || now - saidNanos >= PLAIN_PERIOD_NANOS || done == images;
    if (done == said || !isDue) {
      return;
    }
    said = done;
    saidNanos = now;
    String line = line(done, images, (now - firstNanos) / 1e9);
    if (isTerminal) {
      messages.print("\r" + line + "   " + (done == images ? "\n" : ""));
      messages.flush();
    } else {
      messages.println(line);
    }
  }

  private String line(long done, long images, double seconds) {
    if (done == first || seconds == 0) {
      return String.format(Locale.ROOT, "%,d of %,d images", done, images);
    }
    double rate = (done - first) / seconds;
    return String.format(
        Locale.ROOT,
        "%,d of %,d images, %s images/s, %s left",
        done,
        images,
        Amounts.threeDigits(rate),
        left((images - done) / rate));
  }

  private static String left(double seconds) {
    long minutes = Math.round(seconds / 60);
    if (seconds < 120) {
      return Math.round(seconds) + " s";
    }
    return minutes < 120 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
  }

  @Override
  public boolean isStopWished() {
    return stopWish.getAsBoolean();
  }
}
