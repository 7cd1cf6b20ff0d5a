package io.tandem.job;

import io.tandem.image.PngCodec;
import io.tandem.job.TrainingProgress.Count;
import io.tandem.job.TrainingProgress.Reading;
import io.tandem.table.TrainTable;
import io.tandem.train.LearnedWeights;
import io.tandem.train.TrainingLog;
import io.tandem.train.TrainingRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What is kept of a stage while it runs: a row of the table for each step, progress, now and then
 * pictures, and at the end the record of the stage.
 *
 * <p>All of it is written before the checkpoint that it belongs to, so that a run that was killed
 * in between makes it again.
 */
final class StageLog implements TrainingLog {

  /** Steps over which progress is smoothed. */
  private static final double SMOOTHED = 30;

  /** Steps whose losses the record gives the mean of. */
  private static final int AT_THE_END = 100;

  private static final double NANOS = 1e9;

  private final Stage stage;
  private final TrainingFolder folder;
  private final TrainingRun.Conditions conditions;
  private final TrainTable table;
  private final Deque<TrainingRow> recent = new ArrayDeque<>();
  private final SmoothedMean loss = new SmoothedMean(SMOOTHED);
  private final SmoothedMean images = new SmoothedMean(SMOOTHED);
  private final SmoothedMean seconds = new SmoothedMean(SMOOTHED);
  private long drawnNanos = System.nanoTime();

  /** Makes the log of a stage that goes on after {@code stepsDone} steps. */
  StageLog(Stage stage, TrainingFolder folder, TrainingRun.Conditions conditions, long stepsDone) {
    this.stage = stage;
    this.folder = folder;
    this.conditions = conditions;
    table = TrainTable.open(folder.table(), folder.runId(), stage.name(), stepsDone + 1);
  }

  @Override
  public void add(TrainingRow row) {
    table.add(row);
    recent.addLast(row);
    if (recent.size() > AT_THE_END) {
      recent.removeFirst();
    }
    long seen = row.images() - stage.task().imagesBefore(row.step() - 1);
    loss.add(row.loss().total());
    images.add(seen);
    seconds.add(seen / row.pace().imagesPerSecond());
    long steps = stage.task().steps();
    conditions
        .progress()
        .at(
            new Reading(
                stage.name(),
                new Count(row.step(), steps, "steps"),
                OptionalDouble.of(loss.value()),
                images.value() / seconds.value(),
                seconds.value() * (steps - row.step())));
  }

  @Override
  public void flush() {
    table.flush();
    if (recent.isEmpty()) {
      return;
    }
    long step = recent.getLast().step();
    if (step == stage.task().steps()) {
      JsonFile.write(folder.record(stage.name()), record());
    } else if (stage.pictures().isPresent()
        && System.nanoTime() - drawnNanos > conditions.betweenPictures().toNanos()
        && !conditions.isStopWished()) {
      draw(String.format(Locale.ROOT, "%s-%06d.png", stage.name(), step));
    }
  }

  /** Draws what the weights can do now. */
  void draw(String name) {
    stage
        .pictures()
        .ifPresent(
            pictures -> {
              LearnedWeights weights = LearnedWeights.of(stage.task(), stage.transformer());
              folder.write(name, PngCodec.encode(pictures.draw(weights)));
              drawnNanos = System.nanoTime();
            });
  }

  private StageRecord record() {
    TrainingRow last = recent.getLast();
    return new StageRecord(
        stage.name(),
        stage.task().identity(),
        stage.settings(),
        conditions.origin(),
        new StageRecord.Run(
            last.step(),
            last.images(),
            last.pace().elapsedNanos() / NANOS,
            last.writtenAt().toString()),
        losses());
  }

  private StageRecord.Losses losses() {
    Map<String, List<Double>> parts =
        recent.stream()
            .flatMap(row -> row.loss().terms().stream())
            .collect(
                Collectors.groupingBy(
                    TrainingRow.Term::name,
                    LinkedHashMap::new,
                    Collectors.mapping(TrainingRow.Term::value, Collectors.toList())));
    Map<String, Double> means = new LinkedHashMap<>();
    parts.forEach((name, values) -> means.put(name, mean(values)));
    return new StageRecord.Losses(
        mean(recent.stream().map(row -> row.loss().total()).toList()), means, recent.size());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
