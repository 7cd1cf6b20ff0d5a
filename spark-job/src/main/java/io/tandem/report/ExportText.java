package io.tandem.report;

import io.tandem.job.ExportResult;
import io.tandem.table.SampleRange;
import java.util.List;
import java.util.Locale;

/** What {@code export} says to people. */
public final class ExportText {

  /** Ranges of samples that are shown; a file for machines has all. */
  private static final int SHOWN = 20;

  private ExportText() {}

  /** Returns what was exported, each line ended. */
  public static String of(ExportResult result) {
    StringBuilder text = new StringBuilder();
    ExportResult.Pictures pictures = result.pictures();
    line(
        text,
        "exported   %,d pictures of run %s as %s in %.1f s, %,.1f MB",
        pictures.count(),
        result.runId(),
        result.format(),
        result.seconds(),
        pictures.bytes() / 1e6);
    line(
        text,
        "classes    %,d, %s pictures each",
        pictures.classes(),
        pictures.fewestOfAClass() == pictures.mostOfAClass()
            ? "%,d".formatted(pictures.mostOfAClass())
            : "%,d to %,d".formatted(pictures.fewestOfAClass(), pictures.mostOfAClass()));
    leftOut(text, "missing", result.leftOut().missing(), result.leftOut().missingSamples());
    leftOut(text, "failed", result.leftOut().failed(), result.leftOut().failedSamples());
    line(text, "place      %s", result.place());
    return text.toString();
  }

  private static void leftOut(
      StringBuilder text, String why, List<SampleRange> ranges, long samples) {
    if (!ranges.isEmpty()) {
      line(
          text,
          "left out   %,d %s: %s%s",
          samples,
          why,
          String.join(", ", ranges.stream().limit(SHOWN).map(SampleRange::toString).toList()),
          ranges.size() > SHOWN ? " and others" : "");
    }
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
