package io.tandem.report;

import io.tandem.job.GeneratePlan;
import io.tandem.job.SweepOrder;
import io.tandem.job.SweepResult;
import io.tandem.model.Precision;
import io.tandem.plan.MemoryEstimate;
import io.tandem.run.SweepManifest.SweptGroup;
import io.tandem.table.SweepRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** What {@code sweep} says to people. */
public final class SweepText {

  private static final String UNKNOWN = "-";

  private SweepText() {}

  /** Returns the points that will be made and what they share, each line ended. */
  public static String of(SweepOrder order, List<SweptGroup> groups) {
    StringBuilder text = new StringBuilder();
    line(text, "points     %,d in %s", order.points().size(), plain(order.out()));
    for (SweepOrder.Point point : order.points()) {
      MemoryEstimate memory = GeneratePlan.memory(point.order(), Precision.FP32);
      line(
          text,
          "point      %s: %s, guidance %s; by formula, in float32, weights %,.1f MB, caches of a"
              + " batch %,.1f MB",
          point.name(),
          point.order().decode().plan(),
          point.order().decode().guidance(),
          memory.weightBytes() / 1e6,
          memory.cacheBytes() / 1e6);
    }
    for (SweptGroup group : groups) {
      line(
          text,
          "group      %s: %.2f GFLOP of transformers for an image of each%s",
          String.join(", ", group.points()),
          group.separateFlop() / 1e9,
          group.points().size() == 1
              ? ""
              : String.format(
                  Locale.ROOT,
                  " alone, %.2f together (bound %.3f)",
                  group.sharedFlop() / 1e9,
                  group.bound()));
    }
    return text.toString();
  }

  /** Returns the table of points, what was shared and what failed, each line ended. */
  public static String of(SweepResult result) {
    StringBuilder text = new StringBuilder();
    result.summary().manifest().groups().stream()
        .filter(group -> group.points().size() > 1)
        .forEach(group -> addGroup(text, group, result));
    table(result).forEach(each -> line(text, "%s", each));
    line(
        text,
        "frontier   %s",
        frontier(result).isEmpty() ? "no point has FID and times" : frontier(result));
    new TreeSet<>(result.failures().keySet())
        .forEach(name -> line(text, "failed     %s: %s", name, plain(result.failures().get(name))));
    line(
        text,
        "%s    %,d of %,d points are there",
        result.ending() == SweepResult.Ending.STOPPED ? "stopped" : "done   ",
        result.summary().rows().stream()
            .filter(row -> row.standing().state().equals("done"))
            .count(),
        result.summary().rows().size());
    line(text, "table      %s/sweep", plain(result.summary().place()));
    return text.toString();
  }

  private static void addGroup(StringBuilder text, SweptGroup group, SweepResult result) {
    double alone = 0;
    double share = 0;
    for (SweepRow row : result.summary().of(group)) {
      alone += row.speed().map(speed -> speed.drafting().alone()).orElse(0.0);
      share += row.speed().map(speed -> speed.drafting().share()).orElse(0.0);
    }
    line(
        text,
        "shared     %s: bound by FLOP %.3f of separate runs%s",
        String.join(", ", group.points()),
        group.bound(),
        alone == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; drafting and refining took %.1f s, %.3f of %.1f s alone",
                share,
                share / alone,
                alone));
  }

  private static String frontier(SweepResult result) {
    return String.join(
        ", ",
        result.summary().rows().stream()
            .filter(row -> row.standing().onFrontier())
            .map(SweepRow::point)
            .toList());
  }

  private static List<String> table(SweepResult result) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "",
            "point",
            "images",
            "FID",
            "IS",
            "precision",
            "recall",
            "images/s",
            "ms/image",
            "cache MB"));
    for (SweepRow row : result.summary().rows()) {
      rows.add(
          List.of(
              row.standing().onFrontier() ? "*" : "",
              row.point(),
              row.run().map(run -> String.format(Locale.ROOT, "%,d", run.images())).orElse(UNKNOWN),
              withError(row, "fid"),
              withError(row, "is"),
              value(row, "precision"),
              value(row, "recall"),
              row.speed().map(speed -> number(speed.imagesPerSecond())).orElse(UNKNOWN),
              row.speed().map(speed -> number(speed.scalesMilliseconds())).orElse(UNKNOWN),
              row.speed().map(speed -> number(cacheBytes(speed) / 1e6)).orElse(UNKNOWN)));
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int column = i;
        int width = rows.stream().mapToInt(each -> each.get(column).length()).max().orElse(0);
        String cell = row.get(i);
        String space = " ".repeat(width - cell.length());
        line.append(i <= 1 ? cell + space : space + cell).append("  ");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static double cacheBytes(SweepRow.Speed speed) {
    return speed.scales().stream().mapToLong(SweepRow.Scale::cacheBytes).max().orElse(0);
  }

  private static String withError(SweepRow row, String metric) {
    Optional<Double> error = Optional.ofNullable(row.metrics().get(metric + "_error"));
    return value(row, metric) + error.map(each -> " +- " + number(each)).orElse("");
  }

  private static String value(SweepRow row, String metric) {
    Double value = row.metrics().get(metric);
    return value == null ? UNKNOWN : number(value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /** Returns text without what would control a terminal. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
