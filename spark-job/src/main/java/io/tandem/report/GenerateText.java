package io.tandem.report;

import io.tandem.job.ClusterShape;
import io.tandem.job.DataSetOrder;
import io.tandem.job.GenerateConditions;
import io.tandem.job.GeneratePlan;
import io.tandem.job.GenerateResult;
import io.tandem.model.Precision;
import io.tandem.plan.MemoryEstimate;
import io.tandem.run.MemoryAdvice;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** What {@code generate} says to people. */
public final class GenerateText {

  private GenerateText() {}

  /** Returns what will be made and on what, each line ended. */
  public static String of(GeneratePlan plan) {
    StringBuilder text = new StringBuilder();
    DataSetOrder order = plan.order();
    StringJoiner models = new StringJoiner(", ");
    order.models().all().forEach(model -> models.add(model.name() + "=" + model.origin()));
    line(text, "models     %s", models);
    line(
        text,
        "plan       %s, guidance %s, %.1f GFLOP per image",
        order.decode().plan(),
        order.decode().guidance(),
        plan.flopPerImage() / 1e9);
    ClusterShape shape = plan.shape();
    line(
        text,
        "samples    %,d images of %s %s, seed %s, batches of %d",
        order.samples().count(),
        order.samples().labels().getKey(),
        shortened(order.samples().labels().getValue()),
        Long.toUnsignedString(order.samples().seed()),
        order.samples().batches().size());
    line(
        text,
        "waves      %,d, of up to %,d images in %d tasks; %d slots of %d threads (%s)",
        plan.waves().waves(),
        plan.waves().segments().get(0).waveImages(),
        plan.partitions(plan.waves().wave(0)),
        shape.slots(),
        shape.cpusPerTask(),
        shape.master());
    return text.toString();
  }

  /**
   * Returns what a run takes and how to submit it to a cluster, each line ended.
   *
   * @param arguments of this command
   */
  public static String advice(
      GeneratePlan plan, GenerateConditions conditions, List<String> arguments) {
    StringBuilder text = new StringBuilder();
    MemoryEstimate memory = GeneratePlan.memory(plan.order(), Precision.FP32);
    line(
        text,
        "memory     weights %s on each device, caches %s and activations %s for each batch, in"
            + " float32",
        Amounts.bytes(memory.weightBytes()),
        Amounts.bytes(memory.cacheBytes()),
        Amounts.bytes(memory.activationBytes()));
    MemoryAdvice advice = plan.advice(conditions);
    line(text, "executors  %s", String.join(", ", advice.advised().settings()));
    line(text, "tables     about %s", Amounts.bytes(plan.tableBytes()));
    line(text, "submit     spark-submit --class io.tandem.cli.Tandem \\");
    for (String setting : advice.advised().settings()) {
      line(text, "             --conf %s \\", setting);
    }
    StringJoiner own = new StringJoiner(" ");
    arguments.stream()
        .filter(each -> !each.equals("--dry-run"))
        .forEach(each -> own.add(Shell.quoted(each)));
    line(text, "             tandem-spark-job-all.jar %s", own);
    return text.toString();
  }

  /** Returns what a start came to, each line ended. */
  public static String of(GenerateResult result) {
    StringBuilder text = new StringBuilder();
    GenerateResult.Made made = result.made();
    switch (result.ending()) {
      case NOTHING_TO_DO ->
          line(text, "done       everything is there: %,d images", result.images().committed());
      case DONE, STOPPED ->
          line(
              text,
              "%s    %,d images in %,d waves and %.1f s, %.2f images/s; %,d of %,d are there",
              result.ending() == GenerateResult.Ending.DONE ? "done   " : "stopped",
              made.images(),
              made.waves(),
              made.seconds(),
              made.imagesPerSecond(),
              result.images().committed(),
              result.images().planned());
    }
    if (result.images().failed() > 0) {
      line(
          text,
          "failed     %,d samples, see the column 'error'; --retry-failed makes them again",
          result.images().failed());
    }
    if (made.removed() > 0) {
      line(text, "removed    %,d leftovers of other writers", made.removed());
    }
    line(text, "table      %s", result.places().table());
    result.places().contactSheet().ifPresent(sheet -> line(text, "pictures   %s", sheet));
    line(text, "summary    %s", result.places().summary());
    return text.toString();
  }

  private static String shortened(String labels) {
    return labels.length() <= 40 ? labels : labels.substring(0, 40) + "...";
  }

  private static void line(StringBuilder text, String format, Object... args) {
    text.append(String.format(Locale.ROOT, format, args)).append(System.lineSeparator());
  }
}
