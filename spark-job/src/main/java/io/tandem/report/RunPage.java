package io.tandem.report;

import io.tandem.job.LatencySummary;
import io.tandem.job.LatencySummary.Milliseconds;
import io.tandem.job.LatencySummary.ScaleTime;
import io.tandem.job.RunReport;
import io.tandem.job.Throughput;
import io.tandem.report.Page.CaptionedChart;
import io.tandem.report.Page.Column;
import io.tandem.run.ImageCounts;
import io.tandem.run.RunManifest;
import io.tandem.run.RunModel;
import io.tandem.table.BatchLatency;
import io.tandem.table.RunRow;
import io.tandem.table.SampleRange;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The page on a run: one file of HTML that shows everywhere what it shows here. */
public final class RunPage {

  private static final String DECODER = "image decoder";
  private static final String FILES = "encoding";

  private final RunReport report;
  private final RunManifest manifest;
  private final Page page;

  private RunPage(RunReport report) {
    this.report = report;
    manifest = report.subject().manifest();
    page = new Page("Tandem run " + manifest.runId());
  }

  /** Returns the page. */
  public static String of(RunReport report) {
    return new RunPage(report).written();
  }

  /** Says whether the file that begins with {@code text} is such a page, of whatever version. */
  public static boolean isPage(String text) {
    return text.startsWith(Page.BEGIN);
  }

  private String written() {
    summary();
    pictures();
    speed();
    models();
    page.section("Settings").pairs(manifest.settings().options());
    identity();
    starts();
    failures();
    command();
    return page.end();
  }

  private void summary() {
    ImageCounts images = report.amounts().images();
    page.html("<h1>Run " + Markup.escaped(manifest.runId()) + "</h1>");
    page.note(
        "%s, begun %s by Tandem %s"
            .formatted(
                report.subject().place(),
                time(manifest.origin().created()),
                manifest.origin().tandem()));
    boolean isWhole = images.committed() == images.planned();
    String state =
        report
            .subject()
            .status()
            .map(status -> status.state().name().toLowerCase(Locale.ROOT))
            .orElse(isWhole ? "done" : "not finished");
    String verdict =
        isWhole
            ? "All samples are there"
            : Markup.format("%,d samples are still to come", images.planned() - images.committed());
    page.html(
        "<p><b class='%s'>%s</b>; last seen: %s</p>"
            .formatted(
                isWhole && images.failed() == 0 ? "good" : "bad",
                Markup.escaped(verdict + failed(images)),
                Markup.escaped(state)));
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put(
        "images of " + Markup.format("%,d", images.planned()),
        Markup.format("%,d", images.committed() - images.failed()));
    tiles.put(
        "waves of " + Markup.format("%,d", report.amounts().plannedWaves()),
        Markup.format("%,d", report.amounts().waves()));
    report.subject().starts().stream()
        .map(RunRow::result)
        .filter(result -> result.imagesPerSecond() > 0)
        .reduce((earlier, later) -> later)
        .ifPresent(result -> addSpeed(tiles, result));
    tiles.put("of tables", bytes(report.amounts().bytes()));
    tiles.put("plan", manifest.settings().options().getOrDefault("plan", "unknown"));
    page.tiles(tiles);
  }

  private static void addSpeed(Map<String, String> tiles, RunRow.Result result) {
    tiles.put("images/s, last start", Markup.format("%.3g", result.imagesPerSecond()));
    result
        .latency()
        .ifPresent(
            latency ->
                tiles.put(
                    "ms per image, median (95 %)",
                    Markup.format(
                        "%.3g (%.3g)", latency.medianNanos() / 1e6, latency.p95Nanos() / 1e6)));
  }

  private static String failed(ImageCounts images) {
    return images.failed() == 0 ? "" : Markup.format(", %,d failed", images.failed());
  }

  private void pictures() {
    page.section("Pictures");
    sheet(page, report.pictures());
  }

  /** Adds pictures by class. */
  static void sheet(Page page, List<RunReport.Thumbnail> pictures) {
    if (pictures.isEmpty()) {
      page.note("There are none to show.");
      return;
    }
    Map<Integer, List<RunReport.Thumbnail>> classes = new TreeMap<>();
    pictures.forEach(
        each -> classes.computeIfAbsent(each.classId(), any -> new ArrayList<>()).add(each));
    boolean isOneEach = classes.size() == pictures.size();
    page.note(
        "The first good samples of each class"
            + (classes.size() >= 96 ? ", of classes at equal distances" : "")
            + ".");
    page.html("<div class='sheet" + (isOneEach ? " one" : "") + "'>");
    classes.forEach(
        (classId, each) -> {
          page.html("<figure><div class='row'>");
          each.forEach(picture -> page.html(image(picture)));
          page.html(
              "</div><figcaption>%s</figcaption></figure>"
                  .formatted(Markup.escaped(named(each.get(0)))));
        });
    page.html("</div>");
  }

  private static String image(RunReport.Thumbnail picture) {
    String name = "sample %d of class %s".formatted(picture.sampleIndex(), named(picture));
    return "<img src='data:image/png;base64,%s' width='%d' height='%d' alt='%s' title='%s'/>"
        .formatted(
            Base64.getEncoder().encodeToString(picture.png()),
            picture.width(),
            picture.height(),
            Markup.escaped(name),
            Markup.escaped(name));
  }

  private static String named(RunReport.Thumbnail picture) {
    return picture.classId() + picture.className().map(name -> " " + name).orElse("");
  }

  private void speed() {
    page.section("Speed");
    LatencySummary latency = report.timing().latency();
    List<CaptionedChart> charts = new ArrayList<>();
    if (latency.conditions().isPresent()) {
      charts.add(latencyChart(latency, "Time of each scale, by model"));
    }
    if (report.timing().throughput().stretches().stream()
        .anyMatch(stretch -> !stretch.points().isEmpty())) {
      charts.add(throughputChart(report.timing().throughput()));
    }
    if (charts.isEmpty()) {
      page.note("No times were taken.");
    } else {
      page.charts(charts);
    }
    latency.conditions().ifPresent(conditions -> latencyTable(latency, conditions));
    if (latency.conditions().isEmpty() && !latency.leftOut().isEmpty()) {
      page.note("No times of scales: all batches are those of a warm-up.");
    }
    leftOut(latency);
  }

  /** Returns the chart of the times of scales. */
  static CaptionedChart latencyChart(LatencySummary latency, String title) {
    List<String> bars = new ArrayList<>();
    Set<String> models = new LinkedHashSet<>();
    for (ScaleTime scale : latency.scales()) {
      bars.add(String.valueOf(scale.scale()));
      models.add(scale.model());
    }
    bars.add("VAE");
    bars.add("file");
    List<StackedBars.Part> parts = new ArrayList<>();
    for (String model : models) {
      List<Double> heights = new ArrayList<>();
      latency
          .scales()
          .forEach(scale -> heights.add(scale.model().equals(model) ? scale.time().median() : 0.0));
      heights.add(0.0);
      heights.add(0.0);
      parts.add(new StackedBars.Part(model, heights));
    }
    parts.add(stage(DECODER, latency.scales().size(), latency.vae().median(), 0));
    parts.add(stage(FILES, latency.scales().size(), 0, latency.encode().median()));
    StringBuilder description = new StringBuilder("Milliseconds of one image. ");
    latency
        .scales()
        .forEach(
            scale ->
                description.append(
                    Markup.format(
                        "Scale %d, %s: %.3g. ",
                        scale.scale(), scale.model(), scale.time().median())));
    return new CaptionedChart(
        title,
        new StackedBars(
            new ChartText(title, description.toString().strip(), "scale", "ms per image, median"),
            bars,
            parts));
  }

  private static StackedBars.Part stage(String name, int scales, double vae, double file) {
    List<Double> heights = new ArrayList<>();
    for (int i = 0; i < scales; i++) {
      heights.add(0.0);
    }
    heights.add(vae);
    heights.add(file);
    return new StackedBars.Part(name, heights);
  }

  private static CaptionedChart throughputChart(Throughput throughput) {
    double longest =
        throughput.stretches().stream()
            .flatMap(stretch -> stretch.points().stream())
            .mapToDouble(Throughput.Point::seconds)
            .max()
            .orElse(0);
    boolean isLong = longest > 300;
    double unit = isLong ? 60 : 1;
    List<LineChart.Stretch> stretches =
        throughput.stretches().stream()
            .map(
                stretch ->
                    new LineChart.Stretch(
                        stretch.points().stream()
                            .map(
                                point ->
                                    new LineChart.Point(
                                        point.seconds() / unit, point.imagesPerSecond()))
                            .toList()))
            .toList();
    String description =
        "Images per second over the time spent, in %d stretches without a pause"
            .formatted(stretches.size());
    return new CaptionedChart(
        "Throughput over time",
        new LineChart(
            new ChartText(
                "Throughput over time",
                description,
                (isLong ? "minutes" : "seconds") + " spent, pauses left out",
                "images/s"),
            List.of(new LineChart.Line("images/s", stretches))));
  }

  private void latencyTable(LatencySummary latency, BatchLatency.Conditions conditions) {
    page.note(
        Markup.format(
            "Scales: %,d batches (%s), warm-up left out; %s.",
            latency.batches(),
            described(conditions),
            conditions.mode().equals("sync")
                ? "the device is drained before each reading of the clock"
                : "times of handing work to the device, not of doing it"));
    double whole = latency.vae().median() + latency.encode().median();
    for (ScaleTime scale : latency.scales()) {
      whole += scale.time().median();
    }
    List<List<String>> rows = new ArrayList<>();
    for (ScaleTime scale : latency.scales()) {
      List<String> row = new ArrayList<>();
      row.add(String.valueOf(scale.scale()));
      row.add(scale.side() + " x " + scale.side());
      row.add(scale.model());
      row.add(scale.prefillTokens() == 0 ? "" : String.valueOf(scale.prefillTokens()));
      addTimes(row, scale.time(), whole);
      row.add(bytes(scale.cacheBytes()));
      rows.add(row);
    }
    rows.add(stageRow(DECODER, latency.vae(), whole));
    rows.add(stageRow(FILES, latency.encode(), whole));
    page.table(
        List.of(
            "scale",
            "side",
            "model",
            "prefill tokens",
            "ms per image",
            "95 %",
            "share",
            "caches of a batch"),
        List.of(
            Column.NUMBER,
            Column.TEXT,
            Column.TEXT,
            Column.NUMBER,
            Column.NUMBER,
            Column.NUMBER,
            Column.NUMBER,
            Column.NUMBER),
        rows);
  }

  private static List<String> stageRow(String name, Milliseconds time, double whole) {
    List<String> row = new ArrayList<>(List.of("", "", name, ""));
    addTimes(row, time, whole);
    row.add("");
    return row;
  }

  private static void addTimes(List<String> row, Milliseconds time, double whole) {
    row.add(Markup.format("%.3f", time.median()));
    row.add(Markup.format("%.3f", time.p95()));
    row.add(Markup.format("%.1f %%", whole == 0 ? 0 : 100 * time.median() / whole));
  }

  private void leftOut(LatencySummary latency) {
    List<String> others = new ArrayList<>();
    for (LatencySummary.LeftOut each : latency.leftOut()) {
      others.add(
          Markup.format(
              "%,d%s (%s)",
              each.batches(),
              each.phase() == BatchLatency.Phase.WARM_UP ? " of a warm-up" : "",
              described(each.conditions())));
    }
    if (!others.isEmpty()) {
      page.note("Batches that are not compared: " + String.join("; ", others) + ".");
    }
  }

  private static String described(BatchLatency.Conditions conditions) {
    return Markup.format(
        "%s, %s, batches of %d, %d at once, %d threads",
        conditions.mode(),
        conditions.device(),
        conditions.batchSize(),
        conditions.concurrentTasks(),
        conditions.threads());
  }

  private void models() {
    List<List<String>> rows = new ArrayList<>();
    for (RunModel model : manifest.settings().models()) {
      rows.add(List.of(model.name(), model.origin(), bytes(model.bytes()), model.sha256()));
    }
    page.section("Models")
        .table(
            List.of("name", "from", "size", "SHA-256"),
            List.of(Column.TEXT, Column.WIDE, Column.NUMBER, Column.WIDE),
            rows);
  }

  private void identity() {
    Map<String, String> values = new LinkedHashMap<>(manifest.settings().identity());
    List<RunRow> starts = report.subject().starts();
    if (!starts.isEmpty()) {
      RunRow last = starts.get(starts.size() - 1);
      values.put("machine", last.place().machine());
      new TreeMap<>(last.place().versions()).forEach(values::putIfAbsent);
    }
    page.section("Identity")
        .note("With the same settings and models, what is here decides the last bits of images.")
        .pairs(values);
  }

  private void starts() {
    List<List<String>> rows = new ArrayList<>();
    for (RunRow start : report.subject().starts()) {
      RunRow.Ending ending = start.ending();
      rows.add(
          List.of(
              time(ending.start()),
              lasting(Duration.between(ending.start(), ending.end())),
              Markup.format("%,d", start.result().images()),
              Markup.format("%,d", start.result().failed()),
              Markup.format("%.3g", start.result().imagesPerSecond()),
              String.valueOf(ending.exitCode())));
    }
    page.section("Starts");
    if (rows.isEmpty()) {
      page.note("None has come to its end.");
      return;
    }
    page.table(
        List.of("begun", "took", "images there", "failed", "images/s", "exit code"),
        List.of(
            Column.TEXT, Column.NUMBER, Column.NUMBER, Column.NUMBER, Column.NUMBER, Column.NUMBER),
        rows);
  }

  private void failures() {
    page.section("Failures");
    report
        .subject()
        .status()
        .filter(status -> !status.message().isEmpty())
        .ifPresent(status -> page.text(status.message()));
    if (report.failures().count() == 0) {
      page.note("No sample failed.");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (RunReport.Reason reason : report.failures().reasons()) {
      rows.add(
          List.of(
              Markup.format("%,d", reason.count()),
              reason.error(),
              String.join(", ", reason.samples().stream().map(SampleRange::toString).toList())));
    }
    page.table(
        List.of("samples", "what they say", "the first ones"),
        List.of(Column.NUMBER, Column.WIDE, Column.WIDE),
        rows);
  }

  private void command() {
    page.section("Command")
        .note("Makes the same images on machines of the same identity, or goes on with this run.")
        .html(
            "<pre><code>"
                + Markup.escaped(Shell.command("tandem", report.command()))
                + "</code></pre>");
    String names = manifest.settings().options().getOrDefault("class-names", "none");
    if (!names.equals("none")) {
      page.note(
          "Names of classes (digest "
              + names
              + ") that the models do not carry need --class-names.");
    }
  }

  private static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace("T", " ").replace("Z", " UTC");
  }

  private static String lasting(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 120
        ? Markup.format("%.1f s", duration.toMillis() / 1e3)
        : seconds < 7200 ? seconds / 60 + " min" : Markup.format("%.1f h", seconds / 3600.0);
  }

  /** Returns a size in words. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    double size = bytes;
    int unit = -1;
    while (size >= 1000 && unit < 4) {
      size /= 1000;
      unit++;
    }
    return Markup.format("%.3g %s", size, List.of("kB", "MB", "GB", "TB", "PB").get(unit));
  }
}
