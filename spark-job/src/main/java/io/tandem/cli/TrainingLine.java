package io.tandem.cli;

import io.tandem.job.TrainingProgress;
import io.tandem.report.Amounts;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Says how far a training is: on one line in place on a terminal, on a line now and then elsewhere.
 */
final class TrainingLine implements TrainingProgress {

  private static final long NANOS = 1_000_000_000;
  private static final long BETWEEN_ON_TERMINAL = NANOS / 5;
  private static final long BETWEEN_ELSEWHERE = 30 * NANOS;

  private final PrintWriter results;
  private final PrintWriter messages;
  private final LongSupplier nanoClock;

  /** The launcher knows whether messages go to a terminal; a JVM does not. */
  private final boolean isTerminal = Boolean.getBoolean("tandem.terminal");

  private long shownNanos;
  private String stage = "";
  private int width;

  /**
   * Makes a line.
   *
   * @param results takes what ended
   * @param messages takes how far it is
   */
  TrainingLine(PrintWriter results, PrintWriter messages) {
    this(results, messages, System::nanoTime);
  }

  TrainingLine(PrintWriter results, PrintWriter messages, LongSupplier nanoClock) {
    this.results = results;
    this.messages = messages;
    this.nanoClock = nanoClock;
  }

  @Override
  public void at(Reading reading) {
    long now = nanoClock.getAsLong();
    boolean isFirst = !stage.equals(reading.stage());
    long between = isTerminal ? BETWEEN_ON_TERMINAL : BETWEEN_ELSEWHERE;
    if (!isFirst && !reading.count().isComplete() && now - shownNanos < between) {
      return;
    }
    shownNanos = now;
    stage = reading.stage();
    String line = text(reading);
    if (!isTerminal) {
      messages.println(line);
      return;
    }
    // What is left of a longer line is blanked out.
    messages.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    messages.flush();
    width = line.length();
    if (reading.count().isComplete()) {
      endLine();
    }
  }

  @Override
  public void said(String text) {
    endLine();
    messages.println(text);
  }

  @Override
  public void ended(String text) {
    endLine();
    results.println(text);
  }

  private void endLine() {
    if (width > 0) {
      messages.println();
      width = 0;
    }
  }

  static String text(Reading reading) {
    Count count = reading.count();
    StringBuilder line = new StringBuilder();
    line.append(
        "%s: %d of %d %s".formatted(reading.stage(), count.done(), count.all(), count.unit()));
    reading.loss().ifPresent(loss -> line.append(String.format(Locale.ROOT, ", loss %.4f", loss)));
    line.append(", ").append(Amounts.threeDigits(reading.imagesPerSecond())).append(" images/s");
    return line.append(", ").append(duration(reading.secondsLeft())).append(" left").toString();
  }

  /** Returns {@code 45 s}, {@code 12 min} or {@code 3 h 05 min}. */
  static String duration(double seconds) {
    long minutes = Math.round(seconds / 60);
    if (seconds < 90) {
      return Math.round(seconds) + " s";
    }
    return minutes < 90 ? minutes + " min" : "%d h %02d min".formatted(minutes / 60, minutes % 60);
  }
}
