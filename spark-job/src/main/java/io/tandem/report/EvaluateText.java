package io.tandem.report;

import io.tandem.job.Evaluation;
import io.tandem.job.ReferenceJob;
import io.tandem.table.ChunkFacts;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code evaluate} and {@code reference} say to people. */
public final class EvaluateText {

  private static final int SHOWN = 10;
  private static final int DIGEST = 12;

  /** Half of the width of a 95 % interval, in standard errors: Student's t of 19 degrees. */
  private static final double T_95 = 2.093;

  private EvaluateText() {}

  /** Returns values, conditions and warnings, each line ended. */
  public static String of(Evaluation evaluation) {
    StringBuilder text = new StringBuilder();
    Evaluation.Images images = evaluation.images();
    Evaluation.ReferenceUsed reference = evaluation.reference();
    Evaluation.Conditions conditions = evaluation.conditions();
    line(
        text,
        "images     %s: %,d of %s, sha256 %s",
        plain(images.path()),
        images.samples(),
        images.size(),
        start(images.sha256()));
    line(
        text,
        "reference  %s: %s, sha256 %s",
        plain(reference.path()),
        reference.samples() < 0
            ? "it does not say of how many images"
            : "of %,d images".formatted(reference.samples()),
        start(reference.sha256()));
    line(
        text,
        "features   profile %s, %s, %d numbers, weights %s",
        conditions.profile(),
        conditions.network().name(),
        conditions.network().dimension(),
        start(conditions.network().weightsSha256()));
    for (Map.Entry<String, Double> value : evaluation.values().entrySet()) {
      Double error = evaluation.errors().get(value.getKey());
      line(
          text,
          "%-14s %14.6f%s",
          value.getKey(),
          value.getValue(),
          error == null
              ? ""
              : String.format(
                  Locale.ROOT, "   standard error %.6f, 95 %% +- %.6f", error, T_95 * error));
    }
    evaluation
        .findings()
        .perClass()
        .forEach(
            (metric, ofClasses) ->
                ofClasses.forEach(
                    (label, value) -> line(text, "%-14s %14.6f   class %d", metric, value, label)));
    problems(text, "failed", evaluation.findings().failed());
    problems(text, "unusable", evaluation.findings().unusable());
    evaluation.findings().warnings().forEach(warning -> line(text, "warning    %s", warning));
    line(text, "seconds    %.1f", conditions.seconds().get("total"));
    return text.toString();
  }

  private static void problems(StringBuilder text, String word, List<ChunkFacts.Problem> problems) {
    for (ChunkFacts.Problem problem : problems.subList(0, Math.min(SHOWN, problems.size()))) {
      line(text, "%-10s sample %d: %s", word, problem.sample(), plain(problem.error()));
    }
    if (problems.size() > SHOWN) {
      line(text, "%-10s and %,d more", word, problems.size() - SHOWN);
    }
  }

  /** Returns what was made, each line ended. */
  public static String of(ReferenceJob.Result result) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "wrote      %s: statistics of %,d images, features of %,d",
        result.out(),
        result.samples(),
        result.sampled());
    result.identity().lines().forEach(line -> line(text, "           %s", line));
    return text.toString();
  }

  private static String start(String digest) {
    return digest.substring(0, Math.min(DIGEST, digest.length()));
  }

  /** Returns text without what would control a terminal. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
