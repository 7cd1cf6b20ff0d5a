package io.tandem.report;

import io.tandem.job.RunReport;
import io.tandem.job.SweepReport;
import io.tandem.job.SweepResult.Summary;
import io.tandem.report.Page.CaptionedChart;
import io.tandem.report.Page.Column;
import io.tandem.run.SweepManifest;
import io.tandem.table.SweepRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The page on a sweep: one file of HTML that shows everywhere what it shows here. */
public final class SweepPage {

  private static final String UNKNOWN = "–";

  private final SweepReport report;
  private final Summary summary;
  private final Page page;

  private SweepPage(SweepReport report) {
    this.report = report;
    summary = report.summary();
    page = new Page("Tandem sweep " + summary.place());
  }

  /** Returns the page. */
  public static String of(SweepReport report) {
    return new SweepPage(report).written();
  }

  private String written() {
    summary();
    frontier();
    points();
    sharing();
    report.points().forEach(this::point);
    settings();
    command();
    return page.end();
  }

  private void summary() {
    SweepManifest manifest = summary.manifest();
    page.html("<h1>Sweep " + Markup.escaped(summary.place()) + "</h1>");
    page.note("last started %s by Tandem %s".formatted(manifest.started(), manifest.tandem()));
    long done =
        summary.rows().stream().filter(row -> row.standing().state().equals("done")).count();
    boolean isWhole = done == summary.rows().size();
    page.html(
        "<p><b class='%s'>%s</b></p>"
            .formatted(
                isWhole ? "good" : "bad",
                isWhole
                    ? "All points are there"
                    : Markup.format("%d points are not", summary.rows().size() - done)));
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("points of " + summary.rows().size(), String.valueOf(done));
    tiles.put(
        "images",
        Markup.format(
            "%,d",
            summary.rows().stream()
                .mapToLong(row -> row.run().map(SweepRow.Run::images).orElse(0L))
                .sum()));
    tiles.put(
        "on the frontier",
        String.valueOf(summary.rows().stream().filter(row -> row.standing().onFrontier()).count()));
    summary.rows().stream()
        .filter(row -> row.metrics().containsKey("fid"))
        .min(Comparator.comparingDouble(row -> row.metrics().get("fid")))
        .ifPresent(
            best -> tiles.put("least FID, " + best.point(), number(best.metrics().get("fid"))));
    page.tiles(tiles);
  }

  private void frontier() {
    page.section("Quality against speed");
    List<SweepRow> placed =
        summary.rows().stream()
            .filter(row -> row.metrics().containsKey("fid") && row.speed().isPresent())
            .toList();
    if (placed.isEmpty()) {
      page.note("No point has both FID and times.");
      return;
    }
    List<ScatterChart.Mark> marks = placed.stream().map(SweepPage::mark).toList();
    List<ScatterChart.Mark> line =
        placed.stream()
            .filter(row -> row.standing().onFrontier())
            .map(SweepPage::mark)
            .sorted(Comparator.comparingDouble(ScatterChart.Mark::x))
            .toList();
    StringBuilder description = new StringBuilder("FID against images per second. ");
    placed.forEach(
        row ->
            description.append(
                Markup.format(
                    "%s: FID %.4g at %.4g images/s. ",
                    row.point(),
                    row.metrics().get("fid"),
                    row.speed().orElseThrow().imagesPerSecond())));
    page.charts(
        List.of(
            new CaptionedChart(
                "FID against images per second",
                new ScatterChart(
                    new ChartText(
                        "FID against images per second",
                        description.toString().strip(),
                        "images/s",
                        "FID"),
                    List.of(new ScatterChart.Group("points", marks)),
                    line,
                    Axis.Spacing.LINEAR))));
    page.note(
        "The line joins the points that no other one beats in both. Bars are one standard error."
            + " Images per second are those of a point alone, from label to file, all tasks of a"
            + " JVM together.");
  }

  private static ScatterChart.Mark mark(SweepRow row) {
    return new ScatterChart.Mark(
        row.speed().orElseThrow().imagesPerSecond(),
        row.metrics().get("fid"),
        0,
        row.metrics().getOrDefault("fid_error", 0.0),
        row.point());
  }

  private void points() {
    Set<String> metrics = new LinkedHashSet<>();
    for (String name : List.of("fid", "sfid", "is", "precision", "recall", "kid", "fid_infinity")) {
      if (summary.rows().stream().anyMatch(row -> row.metrics().containsKey(name))) {
        metrics.add(name);
      }
    }
    List<String> head = new ArrayList<>(List.of("point", "state", "images", "failed"));
    head.addAll(metrics);
    head.addAll(
        List.of("images/s", "scales, ms", "VAE, ms", "file, ms", "caches", "weights", "tables"));
    List<Column> columns = new ArrayList<>(List.of(Column.TEXT, Column.TEXT));
    columns.addAll(Collections.nCopies(head.size() - 2, Column.NUMBER));
    List<List<String>> rows = new ArrayList<>();
    for (SweepRow row : summary.rows()) {
      List<String> cells = new ArrayList<>();
      cells.add(row.point() + (row.standing().onFrontier() ? " *" : ""));
      cells.add(row.standing().state());
      cells.add(row.run().map(run -> Markup.format("%,d", run.images())).orElse(UNKNOWN));
      cells.add(row.run().map(run -> Markup.format("%,d", run.failed())).orElse(UNKNOWN));
      metrics.forEach(name -> cells.add(withError(row, name)));
      addSpeed(cells, row);
      cells.add(row.run().map(run -> RunPage.bytes(run.weightBytes())).orElse(UNKNOWN));
      cells.add(row.run().map(run -> RunPage.bytes(run.tableBytes())).orElse(UNKNOWN));
      rows.add(cells);
    }
    page.section("Points").table(head, columns, rows);
    page.note("* on the frontier. Times of an image are medians over comparable batches.");
    for (SweepRow row : summary.rows()) {
      if (!row.standing().message().isEmpty()) {
        page.text(row.point() + ": " + row.standing().message());
      }
    }
  }

  private static void addSpeed(List<String> cells, SweepRow row) {
    if (row.speed().isEmpty()) {
      cells.addAll(Collections.nCopies(5, UNKNOWN));
      return;
    }
    SweepRow.Speed speed = row.speed().get();
    cells.add(number(speed.imagesPerSecond()));
    cells.add(number(speed.scalesMilliseconds()));
    cells.add(number(speed.vae()));
    cells.add(number(speed.encode()));
    cells.add(
        RunPage.bytes(
            speed.scales().stream().mapToLong(SweepRow.Scale::cacheBytes).max().orElse(0)));
  }

  private static String withError(SweepRow row, String metric) {
    Double value = row.metrics().get(metric);
    Double error = row.metrics().get(metric + "_error");
    if (value == null) {
      return UNKNOWN;
    }
    return number(value) + (error == null ? "" : " ± " + Markup.format("%.2g", error));
  }

  private void sharing() {
    List<List<String>> rows = new ArrayList<>();
    for (SweepManifest.SweptGroup group : summary.manifest().groups()) {
      if (group.points().size() > 1) {
        double alone = 0;
        double share = 0;
        for (SweepRow row : summary.of(group)) {
          alone += row.speed().map(speed -> speed.drafting().alone()).orElse(0.0);
          share += row.speed().map(speed -> speed.drafting().share()).orElse(0.0);
        }
        rows.add(
            List.of(
                String.join(", ", group.points()),
                Markup.format("%.3f", group.bound()),
                alone == 0 ? UNKNOWN : Markup.format("%.3f", share / alone),
                alone == 0 ? UNKNOWN : Markup.format("%.1f", share),
                alone == 0 ? UNKNOWN : Markup.format("%.1f", alone)));
      }
    }
    if (rows.isEmpty()) {
      return;
    }
    page.section("What points share")
        .note(
            "Scales that points have in common were decoded once. The bound is the part of the"
                + " floating-point operations of separate runs that is left; times are of drafting"
                + " and refining, VAE and files apart.")
        .table(
            List.of("points", "bound", "measured", "seconds", "seconds alone"),
            List.of(Column.WIDE, Column.NUMBER, Column.NUMBER, Column.NUMBER, Column.NUMBER),
            rows);
  }

  private void point(String name, RunReport run) {
    page.section("Point " + name);
    page.note(
        "%s; guidance %s"
            .formatted(
                run.subject().manifest().settings().options().getOrDefault("plan", UNKNOWN),
                run.subject().manifest().settings().options().getOrDefault("guidance", UNKNOWN)));
    RunPage.sheet(page, run.pictures());
    if (run.timing().latency().conditions().isPresent()) {
      page.charts(
          List.of(
              RunPage.latencyChart(
                  run.timing().latency(), "Time of each scale of " + name + ", by model")));
    }
  }

  private void settings() {
    Set<String> names = new TreeSet<>();
    summary
        .rows()
        .forEach(row -> row.run().ifPresent(run -> names.addAll(run.settings().keySet())));
    Map<String, String> common = new LinkedHashMap<>();
    List<String> differing = new ArrayList<>();
    for (String name : names) {
      Set<String> values = new LinkedHashSet<>();
      summary.rows().stream()
          .flatMap(row -> row.run().stream())
          .forEach(run -> values.add(run.settings().getOrDefault(name, UNKNOWN)));
      if (values.size() == 1) {
        common.put(name, values.iterator().next());
      } else {
        differing.add(name);
      }
    }
    page.section("Settings").note("Of all points:").pairs(common);
    if (!differing.isEmpty()) {
      List<String> head = new ArrayList<>(List.of("point"));
      head.addAll(differing);
      List<List<String>> rows = new ArrayList<>();
      for (SweepRow row : summary.rows()) {
        List<String> cells = new ArrayList<>(List.of(row.point()));
        differing.forEach(
            name ->
                cells.add(
                    row.run()
                        .map(run -> run.settings().getOrDefault(name, UNKNOWN))
                        .orElse(UNKNOWN)));
        rows.add(cells);
      }
      page.note("Of each point:").table(head, Collections.nCopies(head.size(), Column.WIDE), rows);
    }
  }

  private void command() {
    page.section("Command")
        .note("Goes on with this sweep, or makes the same one elsewhere.")
        .html(
            "<pre><code>"
                + Markup.escaped(Shell.command("tandem", summary.manifest().command()))
                + "</code></pre>");
  }

  private static String number(double value) {
    return Markup.format("%.4g", value);
  }
}
