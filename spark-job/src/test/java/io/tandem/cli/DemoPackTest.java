package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.base.Sha256;
import io.tandem.dataset.ShapeImages;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.job.DemoRecipe;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.NumberFormat;
import io.tandem.model.VarConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.weights.CheckpointSummary;
import io.tandem.weights.ClassNames;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pack in the jar, as far as it can be judged without decoding an image. */
class DemoPackTest {

  private static final String FOLDER = "/io/tandem/demo/";
  private static final int SCALES = 10;

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = DemoPackTest.class.getResourceAsStream(FOLDER + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private static JsonNode record() throws IOException {
    return new ObjectMapper().readTree(resource("pack.json"));
  }

  @Test
  void filesAreThoseOfItsRecordAndNotTooMany() throws IOException {
    long bytes = resource("pack.json").length;
    for (Map.Entry<String, JsonNode> file : record().get("files").properties()) {
      byte[] content = resource(file.getKey());
      assertThat(content).as(file.getKey()).hasSize(file.getValue().get("bytes").asInt());
      assertThat(Sha256.of(content)).isEqualTo(file.getValue().get("sha256").asText());
      bytes += content.length;
    }
    assertThat(record().get("files").size()).isEqualTo(7);
    assertThat(bytes).isLessThanOrEqualTo(DemoRecipe.MOST_BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"drafter", "refiner", "drafter-n8", "refiner-n8"})
  void transformersHaveHalfPrecisionOfficialNamesAndNamedClasses(String name) {
    try (WeightSource source = WeightSources.transformer("demo:" + name)) {
      CheckpointSummary summary = CheckpointSummary.of(source);
      assertThat(summary.findings().isEmpty()).isTrue();
      assertThat(summary.contents().formats()).containsExactly(NumberFormat.FLOAT16);
      assertThat(ClassNames.of(source, 10)).isEqualTo(ShapeImages.of(1, 64, 1).classNames());
    }
  }

  @Test
  void workStaysWithinItsBudget() {
    Map<String, VarConfig> configs = new TreeMap<>();
    for (String name : List.of("drafter", "refiner")) {
      try (WeightSource source = WeightSources.transformer("demo:" + name)) {
        configs.put(name, VarCheckpoint.config(source));
      }
    }
    double drafter = gigaflop("drafter", configs);

    assertThat(drafter).isLessThanOrEqualTo(9);
    assertThat(drafter / gigaflop("refiner", configs)).isGreaterThanOrEqualTo(3);
    try (WeightSource source = WeightSources.tokeniser("demo")) {
      assertThat(WorkCount.imageDecoder(VqCheckpoint.config(source), 16) / 1e9)
          .isLessThanOrEqualTo(1.5);
    }
  }

  private static double gigaflop(String name, Map<String, VarConfig> configs) {
    return new PlanWork(
                DecodePlan.single(name, SCALES),
                GuidanceSchedule.everywhere(DemoRecipe.STANDARD.quality().guidance(), SCALES),
                configs)
            .transformers(1)
        / 1e9;
  }

  @Test
  void theReferenceIsOfItsFeatureNetwork(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("reference.npz");
    Files.write(file, resource("reference.npz"));

    Reference reference = ReferenceFile.read(file);

    assertThat(reference.features().count()).hasValue(10_000);
    assertThat(reference.sample().orElseThrow().size()).isEqualTo(10_000);
    try (WeightSource features = WeightSources.features("demo")) {
      assertThat(reference.identity().orElseThrow())
          .contains("weights_sha256: " + features.sha256() + "\n", "size: 64 x 64\n");
    }
  }

  /** What has to hold; the rest of what was expected is reported as it came out. */
  @Test
  void itsRecordHoldsWhatMustHold() throws IOException {
    JsonNode quality = record().get("quality");
    Map<String, Boolean> met = new TreeMap<>();
    quality
        .get("expectations")
        .forEach(each -> met.put(each.get("text").asText(), each.get("met").asBoolean()));

    assertThat(quality.get("missing")).isEmpty();
    assertThat(quality.get("samples").get("images").asInt()).isEqualTo(2_000);
    assertThat(met)
        .containsEntry("PSNR of held-out reconstructions, mean of pictures, dB", true)
        .containsEntry("share of the codes in use", true)
        .containsEntry("least token entropy of a scale from 3x3 on, nats", true)
        .containsEntry("share of reconstructions classified as their label", true)
        .containsEntry("accuracy of the feature network", true)
        .containsEntry("share of drafter samples classified as their label", true)
        .containsEntry("work of the drafter over that of the refiner, per token", true)
        .containsEntry("FID(refiner) - FID(drafter), lower end of the 95 % interval", true)
        .containsEntry("work of the plain drafter with guidance, GFLOP per image", true)
        .containsEntry("work of the image decoder, GFLOP per image", true)
        .containsEntry("size of the pack, MB", true);
  }
}
