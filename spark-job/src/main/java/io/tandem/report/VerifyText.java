package io.tandem.report;

import io.tandem.job.VerifyResult;
import io.tandem.table.Finding;
import java.util.List;
import java.util.Locale;

/** What {@code verify} says to people. */
public final class VerifyText {

  /** Findings that are shown; a file for machines has more. */
  private static final int SHOWN = 20;

  private VerifyText() {}

  /** Returns what was found, each line ended. */
  public static String of(VerifyResult result) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "run        %s: %,d of %,d images committed, %,d failed",
        result.runId(),
        result.images().committed(),
        result.images().planned(),
        result.images().failed());
    List<Integer> unrecorded = result.unrecorded();
    if (!unrecorded.isEmpty()) {
      line(
          text,
          "waves      %d without a record: %s%s; the command that began the run makes them",
          unrecorded.size(),
          unrecorded.subList(0, Math.min(SHOWN, unrecorded.size())),
          unrecorded.size() > SHOWN ? "..." : "");
    }
    line(
        text,
        "files      %,d read, %,d rows, %,d pictures; %,d findings",
        result.tables().files(),
        result.tables().rows(),
        result.tables().pictures(),
        result.tables().total());
    List<Finding> findings = result.tables().findings();
    for (Finding finding : findings.subList(0, Math.min(SHOWN, findings.size()))) {
      line(text, "           %s", finding);
    }
    VerifyResult.Regenerated again = result.regenerated();
    if (!again.notComparable().isEmpty()) {
      line(text, "again      not comparable: %s", again.notComparable());
    } else if (again.different().isEmpty()) {
      line(text, "again      %,d samples made again, all the same", again.samples());
    } else {
      line(
          text,
          "again      %,d of %,d samples differ: %s",
          again.different().size(),
          again.samples(),
          again.different().subList(0, Math.min(SHOWN, again.different().size())));
    }
    if (again.unreadable() > 0) {
      line(text, "           %,d of the samples chosen cannot be read", again.unreadable());
    }
    line(text, "verdict    %s", result.isGood() ? "good" : "NOT as its records say");
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
