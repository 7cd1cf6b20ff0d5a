package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.fid.StatisticsFile;
import io.tandem.job.DemoTraining.Figures;
import io.tandem.job.DemoTraining.Result;
import io.tandem.job.TrainingRun.Conditions;
import io.tandem.job.TrainingRun.Outcome;
import io.tandem.job.TrainingRun.StopWish;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.pack.PackSettings.Amounts;
import io.tandem.pack.PackSettings.Seeds;
import io.tandem.train.LearningRate;
import io.tandem.train.Objective.Curriculum;
import io.tandem.train.Pace;
import io.tandem.weights.CheckpointSummary;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole pack in minute figures. */
class DemoTrainingIT {

  private static final DemoRecipe RECIPE =
      new DemoRecipe(
          new DemoRecipe.Images(1, 40),
          new DemoRecipe.Features(new FeatureConfig(10, 16), pace(2)),
          new DemoRecipe.Tokeniser(
              new VqConfig(32, List.of(1, 1), 1, 16, 4, 2),
              new ScaleSchedule(List.of(1, 2, 3, 4)),
              new LossWeights(1, 0.2, 1, 0.25),
              pace(2)),
          new DemoRecipe.Transformers(
              new DemoRecipe.Transformer(
                  new DemoRecipe.Size(1, 64, 1), pace(2), new Curriculum(2, 2, 6)),
              new DemoRecipe.Transformer(
                  new DemoRecipe.Size(1, 32, 1), pace(2), new Curriculum(2, 2, 6))),
          new DemoRecipe.FineTuning(2, pace(1), pace(2), 3, pace(1)),
          new DemoRecipe.Quality(1.5, 0, 0, 1, Seeds.FIXED, new Amounts(40, 70, 20)));

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  private static Pace pace(long steps) {
    return new Pace(steps, 4, new LearningRate(1e-3, 0, 0.1), 0.01, 1);
  }

  @Test
  void makesThePackStageByStage() throws IOException {
    int parts = 1;
    while (run(() -> StopWish.AT_A_STEP, Figures.TAKEN).outcome() == Outcome.STOPPED) {
      parts++;
    }
    JsonNode first = record();
    told.clear();
    Result again = run(() -> StopWish.NONE, Figures.SKIPPED);

    // six stages have a second step
    assertThat(parts).isEqualTo(7);
    assertThat(again.outcome()).isEqualTo(Outcome.TRAINED);
    assertThat(told)
        .hasSize(10)
        .contains("features: done before, see '%s'".formatted(file("features.safetensors")))
        .contains(
            "refiner-last3: done before, see '%s'".formatted(file("refiner-last3.safetensors")))
        .last()
        .asString()
        .matches("pack: [0-9.]+ MB in '.*/pack'");
    checkRecord(first);
    checkFiles(first);
    assertThat(record().get("files")).isEqualTo(first.get("files"));
    assertThat(record().get("quality").isNull()).isTrue();
  }

  private JsonNode record() throws IOException {
    return new ObjectMapper().readTree(file("pack/pack.json").toFile());
  }

  private static void checkRecord(JsonNode record) {
    assertThat(record.get("origin").get("command").get(0).asText()).isEqualTo("a test");
    assertThat(record.get("recipe").get("fineTuning").get("draftScales").asInt()).isEqualTo(2);
    assertThat(record.get("images").asText()).contains("seed 1, side 8, 40 pictures");
    assertThat(record.get("stages")).hasSize(9);
    assertThat(record.get("stages").get(2).get("losses").get("parts").has("scale_4")).isTrue();
    assertThat(record.get("stages").get(8).get("losses").get("parts").has("scale_1")).isFalse();
    assertThat(record.get("quality").get("missing")).isEmpty();
    assertThat(record.get("quality").get("expectations")).isNotEmpty();
  }

  private void checkFiles(JsonNode record) throws IOException {
    List<String> models =
        List.of("tokeniser", "drafter", "refiner", "drafter-n2", "refiner-n2", "features");
    assertThat(record.get("files")).hasSize(models.size() + 1);
    for (String model : models) {
      Path file = file("pack/" + model + ".safetensors");
      JsonNode packed = record.get("files").get(model + ".safetensors");
      try (WeightSource source = WeightFiles.open(file.toString())) {
        CheckpointSummary summary = CheckpointSummary.of(source);
        assertThat(summary.findings().isEmpty()).isTrue();
        assertThat(summary.contents().formats()).containsExactly(NumberFormat.FLOAT16);
        assertThat(packed.get("sha256").asText()).isEqualTo(source.sha256());
        assertThat(packed.get("bytes").asLong()).isEqualTo(Files.size(file));
      }
    }
    assertThat(StatisticsFile.read(file("pack/reference.npz")).count()).hasValue(70);
  }

  private Result run(Supplier<StopWish> stop, Figures figures) {
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void at(Reading reading) {}

          @Override
          public void said(String text) {}

          @Override
          public void ended(String text) {
            told.add(text);
          }
        };
    Conditions conditions =
        new Conditions(
            new StageRecord.Origin(List.of("a test"), "none"),
            Duration.ofDays(1),
            Duration.ofDays(1),
            stop,
            progress);
    try (TrainingFolder opened = TrainingFolder.open(folder)) {
      return new DemoTraining(
              RECIPE,
              new TrainingRun(opened, conditions),
              new TrainingPlace(DeviceSpec.CPU, Precision.FP32),
              figures)
          .run();
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
