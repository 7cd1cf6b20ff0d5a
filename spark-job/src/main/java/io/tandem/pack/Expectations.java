package io.tandem.pack;

import io.tandem.model.ScaleSchedule;
import io.tandem.pack.QualityReport.CrossEntropy;
import io.tandem.pack.QualityReport.Difference;
import io.tandem.pack.QualityReport.Estimate;
import io.tandem.pack.QualityReport.Expectation;
import io.tandem.pack.QualityReport.HeldOut;
import io.tandem.pack.QualityReport.Models;
import io.tandem.pack.QualityReport.Point;
import io.tandem.pack.QualityReport.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;

/** What is expected of a demo pack, held against what was measured. */
final class Expectations {

  /** Megabytes of 1000 kB, as shops count. */
  private static final double MEGABYTE = 1e6;

  private static final int LAST_SCALES = 3;

  private final ScaleSchedule schedule;
  private final HeldOut heldOut;
  private final Samples samples;
  private final Models models;
  private final List<Expectation> expectations = new ArrayList<>();

  private Expectations(ScaleSchedule schedule, HeldOut heldOut, Samples samples, Models models) {
    this.schedule = schedule;
    this.heldOut = heldOut;
    this.samples = samples;
    this.models = models;
  }

  static List<Expectation> of(
      ScaleSchedule schedule, HeldOut heldOut, Samples samples, Models models) {
    Expectations expectations = new Expectations(schedule, heldOut, samples, models);
    expectations.judgeHeldOut();
    expectations.judgeSamples();
    expectations.judgeTrend();
    expectations.judgeTraining();
    expectations.judgeCost();
    return expectations.expectations;
  }

  private void judgeHeldOut() {
    atLeast(
        "PSNR of held-out reconstructions, mean of pictures, dB",
        26,
        heldOut.psnr().meanOfPictures());
    atLeast("share of the codes in use", 0.8, heldOut.codesUsedShare());
    double least =
        IntStream.range(0, schedule.scales())
            .filter(scale -> schedule.side(scale) >= 3)
            .mapToDouble(heldOut.tokenEntropy()::get)
            .min()
            .orElseThrow();
    atLeast("least token entropy of a scale from 3x3 on, nats", 1, least);
    atLeast(
        "share of reconstructions classified as their label",
        0.95,
        heldOut.reconstructionAgreement());
    atLeast("accuracy of the feature network", 0.97, heldOut.featureAccuracy());
  }

  private void judgeSamples() {
    Optional<Double> agreement =
        point(PackModels.DRAFTER).map(point -> point.classAgreement().share());
    String text = "share of drafter samples classified as their label";
    judge(text, ">= 0.85", agreement, share -> share >= 0.85);
    judge(text + " (aim)", ">= 0.9", agreement, share -> share >= 0.9);
    judge(
        "work of the drafter over that of the refiner, per token",
        ">= 3",
        models.cost().drafterOverRefinerPerToken(),
        ratio -> ratio >= 3);
    judge(
        "FID(refiner) - FID(drafter), lower end of the 95 % interval",
        "> 0",
        difference(PackModels.REFINER, PackModels.DRAFTER).map(Estimate::lower95),
        bound -> bound > 0);
  }

  private void judgeTrend() {
    judge(
        "Spearman(N, FID) over N = 1 to " + (schedule.scales() - 1),
        "<= -0.8",
        samples.trend().spearman(),
        correlation -> correlation <= -0.8);
    int n = PackModels.tunedDraftScales(schedule.scales());
    Optional<Double> loss = difference(PackPoint.code(n), PackModels.DRAFTER).map(Estimate::value);
    Optional<Double> gap = difference(PackModels.REFINER, PackModels.DRAFTER).map(Estimate::value);
    // not by their ratio, whose sense turns where the refiner is the better one
    judge(
        "FID(N=" + n + ") - FID(drafter) - 0.25 (FID(refiner) - FID(drafter))",
        "<= 0",
        loss.flatMap(lost -> gap.map(whole -> lost - 0.25 * whole)),
        excess -> excess <= 0);
  }

  private void judgeTraining() {
    int scales = schedule.scales();
    int n = PackModels.tunedDraftScales(scales);
    String pair = "FID(fine-tuned N=" + n + ") - FID(";
    String end = "), upper end of the 95 % interval";
    judge(
        pair + "training-free N=" + n + end,
        "< 0",
        difference(PackPoint.tuned(scales), PackPoint.code(n)).map(Estimate::upper95),
        bound -> bound < 0);
    judge(
        pair + "control N=" + n + end,
        "< 0",
        difference(PackPoint.tuned(scales), PackPoint.control(scales)).map(Estimate::upper95),
        bound -> bound < 0);
    judge(
        "FID of N="
            + (scales - LAST_SCALES)
            + " after training the refiner on the last three scales less that before",
        "< 0",
        difference(PackPoint.lastThree(scales), PackPoint.code(scales - LAST_SCALES))
            .map(Estimate::value),
        change -> change < 0);
    judge(
        "cross-entropy of the last three scales after training on them less that before, nats",
        "< 0",
        lastThree(PackModels.LAST_THREE_REFINER)
            .flatMap(after -> lastThree(PackModels.REFINER).map(before -> after - before)),
        change -> change < 0);
  }

  /** Returns the cross-entropy of a model per token of the last three scales. */
  private Optional<Double> lastThree(String model) {
    int first = schedule.scales() - LAST_SCALES;
    double tokens = schedule.totalTokens() - schedule.offset(first);
    return models.crossEntropy().stream()
        .filter(entropy -> entropy.model().equals(model))
        .map(CrossEntropy::natsByScale)
        .map(
            nats ->
                IntStream.range(first, schedule.scales())
                    .mapToDouble(scale -> nats.get(scale) * schedule.tokens(scale) / tokens)
                    .sum())
        .findFirst();
  }

  private void judgeCost() {
    judge(
        "work of the plain drafter with guidance, GFLOP per image",
        "<= 9",
        models.cost().drafterPerImage(),
        work -> work <= 9);
    judge(
        "work of the image decoder, GFLOP per image",
        "<= 1.5",
        Optional.of(models.cost().imageDecoder()),
        work -> work <= 1.5);
    judge(
        "size of the pack, MB",
        "<= 25",
        Optional.of(models.packBytes() / MEGABYTE),
        size -> size <= 25);
  }

  private Optional<Point> point(String name) {
    return samples.points().stream().filter(point -> point.name().equals(name)).findFirst();
  }

  private Optional<Estimate> difference(String minuend, String subtrahend) {
    return samples.differences().stream()
        .filter(each -> each.minuend().equals(minuend) && each.subtrahend().equals(subtrahend))
        .map(Difference::fid)
        .findFirst();
  }

  private void atLeast(String text, double target, double measured) {
    String bound =
        ">= " + String.format(Locale.ROOT, target == (int) target ? "%.0f" : "%s", target);
    judge(text, bound, Optional.of(measured), number -> number >= target);
  }

  private void judge(String text, String target, Optional<Double> measured, DoublePredicate isMet) {
    expectations.add(
        new Expectation(text, target, measured, measured.map(number -> isMet.test(number))));
  }
}
