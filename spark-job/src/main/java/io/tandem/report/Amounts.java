package io.tandem.report;

import java.util.Locale;

/** Writes amounts for people, always with a decimal point. */
public final class Amounts {

  private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

  private Amounts() {}

  /** Returns {@code bytes} in units of 1000, three digits: {@code 8.04 GB}. */
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    double amount = bytes / 1000.0;
    int unit = 0;
    while (amount >= 999.5 && unit < UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    return threeDigits(amount) + " " + UNITS[unit];
  }

  /** Returns a rate of FLOP per second, {@code 181 GFLOP/s}. */
  public static String gigaflops(double flopPerSecond) {
    return threeDigits(flopPerSecond / 1e9) + " GFLOP/s";
  }

  /**
   * Returns {@code amount} with at least three digits: {@code 0.42}, {@code 8.04}, {@code 1234}.
   */
  public static String threeDigits(double amount) {
    int decimals = amount < 9.995 ? 2 : amount < 99.95 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f", amount);
  }
}
