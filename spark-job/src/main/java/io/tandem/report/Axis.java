package io.tandem.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * An axis of numbers that ends at round ones.
 *
 * @param title with the unit
 * @param low number at its begin
 * @param high number at its end, above {@code low}
 * @param ticks numbers that are written along it
 * @param spacing of numbers
 */
public record Axis(String title, double low, double high, List<Double> ticks, Spacing spacing) {

  private static final int INTERVALS = 5;

  public Axis {
    ticks = List.copyOf(ticks);
    if (!(low < high) || !Double.isFinite(low) || !Double.isFinite(high)) {
      throw new IllegalArgumentException("No axis goes from " + low + " to " + high);
    }
    if (spacing == Spacing.LOGARITHMIC && low <= 0) {
      throw new IllegalArgumentException("No logarithmic axis begins at " + low);
    }
  }

  /** How numbers lie along the axis. */
  public enum Spacing {
    LINEAR,
    LOGARITHMIC
  }

  /** Where an axis begins. */
  public enum Begin {
    /** Lengths, such as those of bars, can be compared. */
    ZERO,
    /** Differences fill the chart. */
    LEAST
  }

  /** Returns a linear axis that holds all {@code values}, which are finite; there may be none. */
  public static Axis linear(String title, Begin begin, Collection<Double> values) {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    if (begin == Begin.ZERO) {
      least = Math.min(least, 0);
      most = Math.max(most, 0);
    }
    if (least == most) {
      double margin = least == 0 ? 1 : Math.abs(least) / 10;
      least = begin == Begin.ZERO ? least : least - margin;
      most += margin;
    }
    double step = step((most - least) / INTERVALS);
    // A value that is a whole number of steps but for its last bits adds no step.
    long first = (long) Math.floor(least / step + 1e-9);
    long last = (long) Math.ceil(most / step - 1e-9);
    List<Double> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return new Axis(title, first * step, last * step, ticks, Spacing.LINEAR);
  }

  /** Returns a logarithmic axis that holds all {@code values}, which are above 0 and finite. */
  public static Axis logarithmic(String title, Collection<Double> values) {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(1);
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(10);
    List<Double> round = new ArrayList<>();
    int decade = (int) Math.floor(Math.log10(least));
    for (; Math.pow(10, decade) <= most * 10; decade++) {
      for (double digit : new double[] {1, 2, 5}) {
        round.add(digit * Math.pow(10, decade));
      }
    }
    double low = round.stream().filter(tick -> tick <= least).reduce((a, b) -> b).orElse(least);
    double high =
        round.stream().filter(tick -> tick >= most && tick > low).findFirst().orElse(most);
    List<Double> ticks = round.stream().filter(tick -> low <= tick && tick <= high).toList();
    if (ticks.size() > 2 * INTERVALS) {
      ticks = ticks.stream().filter(Axis::isPowerOfTen).toList();
    }
    return new Axis(title, low, high, ticks, Spacing.LOGARITHMIC);
  }

  private static boolean isPowerOfTen(double tick) {
    return Math.abs(Math.log10(tick) - Math.rint(Math.log10(tick))) < 1e-9;
  }

  /** Returns the nearest of 1, 2 and 5 times a power of ten that is no less than {@code least}. */
  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double digit : new double[] {1, 2, 5}) {
      if (digit * power >= least * (1 - 1e-9)) {
        return digit * power;
      }
    }
    return 10 * power;
  }

  /** Returns where {@code value} lies: 0 at the begin, 1 at the end. */
  double share(double value) {
    return spacing == Spacing.LINEAR
        ? (value - low) / (high - low)
        : Math.log(Math.max(value, low) / low) / Math.log(high / low);
  }

  /** Returns a tick as it is written, without zeros that say nothing. */
  String label(double tick) {
    if (tick == 0) {
      return "0";
    }
    double size = Math.abs(tick);
    if (size >= 1e6 || size < 1e-4) {
      return Markup.format("%.3g", tick);
    }
    if (size >= 1000) {
      return Markup.format("%,.0f", tick);
    }
    String text = Markup.format("%.5f", tick);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }
}
