package io.tandem.report;

import io.tandem.pack.QualityReport;
import io.tandem.pack.QualityReport.CrossEntropy;
import io.tandem.pack.QualityReport.Difference;
import io.tandem.pack.QualityReport.Estimate;
import io.tandem.pack.QualityReport.Expectation;
import io.tandem.pack.QualityReport.Missing;
import io.tandem.pack.QualityReport.ModelFile;
import io.tandem.pack.QualityReport.Point;
import io.tandem.pack.QualityReport.Speed;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What was measured about a pack, as lines for a terminal. */
public final class PackText {

  private static final double MEGABYTE = 1e6;
  private static final String NONE = "-";

  private final StringBuilder text = new StringBuilder();

  private PackText() {}

  /** Returns all of {@code report}, each line ended. */
  public static String of(QualityReport report) {
    PackText lines = new PackText();
    lines.setting(report.setting());
    lines.heldOut(report.heldOut());
    lines.points(report.samples());
    lines.differences(report.samples());
    lines.crossEntropy(report.models().crossEntropy());
    lines.cost(report.models());
    lines.expectations(report.expectations());
    lines.missing(report.missing());
    return lines.text.toString();
  }

  private void setting(QualityReport.Setting setting) {
    QualityReport.Sampling sampling = setting.sampling();
    line(
        "sampling   %s, guidance %s, top-k %s, top-p %s, temperature %s",
        sampling.selection(),
        sampling.guidance(),
        sampling.topK(),
        sampling.topP(),
        sampling.temperature());
    line(
        "seeds      samples %s, held-out %s, real %s, reference %s",
        Long.toUnsignedString(setting.seeds().samples()),
        Long.toUnsignedString(setting.seeds().heldOut()),
        Long.toUnsignedString(setting.seeds().real()),
        Long.toUnsignedString(setting.seeds().reference()));
    line(
        "setting    %s on %s, %d threads, batches of %d (%s)",
        setting.execution().precision(),
        setting.execution().device(),
        setting.execution().threads(),
        setting.amounts().batchSize(),
        setting.execution().software());
  }

  private void heldOut(QualityReport.HeldOut heldOut) {
    line(
        "held out   %,d images: PSNR %.2f dB (pooled %.2f), codes used %s",
        heldOut.images(),
        heldOut.psnr().meanOfPictures(),
        heldOut.psnr().pooled(),
        percent(heldOut.codesUsedShare()));
    line(
        "labels     reconstructions %s, pictures themselves %s",
        percent(heldOut.reconstructionAgreement()), percent(heldOut.featureAccuracy()));
    line("entropy    %s nats, by scale", numbers(heldOut.tokenEntropy()));
  }

  private void points(QualityReport.Samples samples) {
    line("");
    line(
        "%,d images a point, FID to statistics of %,d",
        samples.images(), samples.referenceImages());
    line(
        "%-16s %9s %8s  %-20s %7s %9s %9s %8s",
        "point", "FID", "error", "95 % interval", "labels", "seconds", "images/s", "GFLOP");
    for (Point point : samples.points()) {
      line(
          "%-16s %s %7s %9s %9s %8s",
          point.name(),
          estimate(point.fid()),
          percent(point.classAgreement().share()),
          number("%.1f", point.speed().map(Speed::seconds)),
          number("%.2f", point.speed().map(Speed::imagesPerSecond)),
          number("%.2f", point.speed().flatMap(Speed::transformerGigaflopPerImage)));
    }
  }

  private void differences(QualityReport.Samples samples) {
    line("");
    line("%-32s %9s %8s  %-20s", "difference", "FID", "error", "95 % interval");
    for (Difference difference : samples.differences()) {
      line(
          "%-32s %s",
          difference.minuend() + " - " + difference.subtrahend(), estimate(difference.fid()));
    }
    line(
        "Spearman(N, FID) %s, share of the gap %s",
        number("%.3f", samples.trend().spearman()), number("%.3f", samples.trend().gapRatio()));
  }

  private static String estimate(Estimate estimate) {
    String interval = format("%.4f to %.4f", estimate.lower95(), estimate.upper95());
    return format("%9.4f %8.4f  %-20s", estimate.value(), estimate.standardError(), interval);
  }

  private void crossEntropy(List<CrossEntropy> models) {
    line("");
    line("cross-entropy, nats per token: by scale, then of all");
    for (CrossEntropy model : models) {
      line("%-16s %s | %.3f", model.model(), numbers(model.natsByScale()), model.natsPerToken());
    }
  }

  private void cost(QualityReport.Models models) {
    QualityReport.Cost cost = models.cost();
    line("");
    line(
        "cost       GFLOP an image: drafter %s, refiner %s, image decoder %.2f",
        number("%.2f", cost.drafterPerImage()),
        number("%.2f", cost.refinerPerImage()),
        cost.imageDecoder());
    line(
        "           drafter over refiner: %s of the work a token, %s of the seconds",
        number("%.2f", cost.drafterOverRefinerPerToken()),
        number("%.2f", cost.drafterOverRefinerSeconds()));
    for (ModelFile file : models.files()) {
      line("%-28s %8.3f MB", file.name(), file.bytes() / MEGABYTE);
    }
    line("%-28s %8.3f MB", "in all", models.packBytes() / MEGABYTE);
  }

  private void expectations(List<Expectation> expectations) {
    line("");
    for (Expectation expectation : expectations) {
      line(
          "%-13s %s: %s (%s)",
          expectation.met().map(met -> met ? "met" : "MISSED").orElse("not measured"),
          expectation.text(),
          number("%.4g", expectation.measured()),
          expectation.target());
    }
  }

  private void missing(List<Missing> missing) {
    for (Missing point : missing) {
      line("left out   %s: no %s", point.point(), String.join(", ", point.models()));
    }
  }

  private static String percent(double share) {
    return format("%.1f %%", 100 * share);
  }

  private static String numbers(List<Double> numbers) {
    return numbers.stream().map(number -> format("%.3f", number)).collect(Collectors.joining(" "));
  }

  private static String number(String format, Optional<Double> number) {
    return number.map(value -> format(format, value)).orElse(NONE);
  }

  private static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  private void line(String format, Object... args) {
    text.append(format(format, args).stripTrailing()).append('\n');
  }
}
