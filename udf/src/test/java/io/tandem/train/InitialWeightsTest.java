package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.testing.TinyModels;
import io.tandem.weights.WeightNames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {

  private static final int WIDTH = 48;
  private static final int DEPTH = 2;

  /** A normal deviate cut at two standard deviations has this deviation. */
  private static final double CUT = 0.8796;

  private static final double DEVIATION = Math.sqrt(1.0 / 3 / WIDTH);

  private static VarConfig config(AdaLn adaLn) {
    return new VarConfig(
        DEPTH, WIDTH, 4, 30, adaLn, new LatentSpace(64, 16, new ScaleSchedule(List.of(1, 2, 4))));
  }

  private static TrainingTensors transformer(AdaLn adaLn, long seed) {
    return InitialWeights.transformer(config(adaLn), seed, DeviceSpec.CPU);
  }

  private static void assertNormal(TrainingTensors weights, String name, double deviation) {
    assertNormal(name, weights.doubles(name), deviation);
  }

  private static void assertNormal(String name, double[] numbers, double deviation) {
    double mean = Arrays.stream(numbers).average().orElseThrow();
    double square = Arrays.stream(numbers).map(x -> x * x).sum() / numbers.length;
    double expected = CUT * deviation;
    // five standard errors of the mean, and of the deviation
    assertThat(mean).as(name).isCloseTo(0, within(5 * expected / Math.sqrt(numbers.length)));
    assertThat(Math.sqrt(square))
        .as(name)
        .isCloseTo(expected, within(5 * expected / Math.sqrt(2.0 * numbers.length)));
    assertThat(Arrays.stream(numbers).map(Math::abs).max().orElseThrow())
        .as(name)
        .isLessThanOrEqualTo(2.0001 * deviation);
  }

  @Test
  void transformersStartAsTheOfficialOnes() {
    try (TrainingTensors weights = transformer(AdaLn.PER_BLOCK, 1)) {
      assertThat(weights.names()).doesNotContain("lvl_1L");
      assertNormal(weights, "class_emb.weight", DEVIATION);
      assertNormal(weights, "pos_1LC", DEVIATION);
      assertNormal(weights, "word_embed.weight", DEVIATION);
      assertNormal(weights, "blocks.1.attn.mat_qkv.weight", DEVIATION);
      assertNormal(weights, "blocks.0.ffn.fc1.weight", DEVIATION);
      assertNormal(weights, "blocks.0.ffn.fc2.weight", DEVIATION / Math.sqrt(2 * DEPTH));
      assertNormal(weights, "blocks.1.attn.proj.weight", DEVIATION / Math.sqrt(2 * DEPTH));
      assertNormal(weights, "head.weight", 0.02 * DEVIATION);
      assertNormal(weights, "head_nm.ada_lin.1.weight", 0.5 * DEVIATION);
      assertThat(weights.doubles("blocks.0.attn.scale_mul_1H11")).containsOnly((float) Math.log(4));
      for (String name : weights.names()) {
        if (name.endsWith("bias")) {
          assertThat(weights.doubles(name)).as(name).containsOnly(0);
        }
      }
    }
  }

  @Test
  void gatesOfResidualBranchesStartNearZero() {
    int gates = 2 * WIDTH * WIDTH;
    try (TrainingTensors weights = transformer(AdaLn.PER_BLOCK, 1)) {
      double[] ada = weights.doubles("blocks.1.ada_lin.1.weight");
      assertThat(ada).hasSize(3 * gates);
      assertNormal("gates", Arrays.copyOf(ada, gates), 1e-3 * DEVIATION);
      assertNormal("others", Arrays.copyOfRange(ada, gates, 3 * gates), 0.5 * DEVIATION);
    }
    try (TrainingTensors weights = transformer(AdaLn.SHARED, 1)) {
      double[] offsets = weights.doubles("blocks.1.ada_gss");
      double deviation = 1 / Math.sqrt(WIDTH);
      assertThat(offsets).hasSize(6 * WIDTH);
      assertNormal("gates", Arrays.copyOf(offsets, 2 * WIDTH), 1e-3 * deviation);
      assertNormal("others", Arrays.copyOfRange(offsets, 2 * WIDTH, 6 * WIDTH), 0.5 * deviation);
      assertNormal(weights, "shared_ada_lin.1.weight", DEVIATION);
    }
  }

  @Test
  void tokenisersAndFeatureNetworksStartUniform() {
    try (TrainingTensors weights =
        InitialWeights.tokeniser(TinyModels.TOKENISER, 1, DeviceSpec.CPU)) {
      assertThat(weights.names())
          .containsExactlyElementsOf(WeightNames.tokeniser(TinyModels.TOKENISER).keySet());
      assertUniform(weights, "encoder.mid.block_1.conv1.weight", 32 * 9);
      assertUniform(weights, "quant_conv.weight", 8 * 9);
      assertUniform(weights, "quantize.embedding.weight", 8);
      assertThat(weights.doubles("encoder.norm_out.weight")).containsOnly(1);
      assertThat(weights.doubles("encoder.norm_out.bias")).containsOnly(0);
      assertThat(weights.doubles("decoder.conv_out.bias")).containsOnly(0);
    }
    FeatureConfig features = new FeatureConfig(4, 16);
    try (TrainingTensors weights = InitialWeights.features(features, 1, DeviceSpec.CPU)) {
      assertThat(weights.names())
          .containsExactlyElementsOf(WeightNames.features(features).keySet());
      assertUniform(weights, "features.3.conv.weight", 64 * 9);
      assertUniform(weights, "head.weight", 16);
      assertThat(weights.doubles("features.0.norm.weight")).containsOnly(1);
    }
  }

  private static void assertUniform(TrainingTensors weights, String name, double inputs) {
    double[] numbers = weights.doubles(name);
    double bound = 1 / Math.sqrt(inputs);
    double square = Arrays.stream(numbers).map(x -> x * x).sum() / numbers.length;
    assertThat(Arrays.stream(numbers).map(Math::abs).max().orElseThrow())
        .as(name)
        .isBetween(0.9 * bound, 1.0001 * bound);
    // squares of a uniform deviate have a relative deviation of 0.9
    assertThat(square)
        .as(name)
        .isCloseTo(bound * bound / 3, within(1.5 * bound * bound / Math.sqrt(numbers.length)));
  }

  @Test
  void theSameSeedGivesTheSameNumbersAndAnotherGivesOthers() {
    try (TrainingTensors first = transformer(AdaLn.SHARED, 5);
        TrainingTensors again = transformer(AdaLn.SHARED, 5);
        TrainingTensors other = transformer(AdaLn.SHARED, 6)) {
      for (String name : first.names()) {
        assertThat(again.doubles(name)).as(name).isEqualTo(first.doubles(name));
      }
      assertThat(other.doubles("head.weight")).isNotEqualTo(first.doubles("head.weight"));
      assertThat(first.doubles("blocks.1.ffn.fc1.weight"))
          .isNotEqualTo(first.doubles("blocks.0.ffn.fc1.weight"));
    }
  }

  @Test
  void shapesAreTheOfficialOnes() {
    VarConfig config = config(AdaLn.PER_BLOCK);
    try (TrainingTensors weights = transformer(AdaLn.PER_BLOCK, 1)) {
      for (Map.Entry<String, List<Long>> shape : WeightNames.transformer(config).entrySet()) {
        if (!shape.getKey().equals("lvl_1L")) {
          assertThat(Arrays.stream(weights.shape(shape.getKey())).boxed())
              .as(shape.getKey())
              .containsExactlyElementsOf(shape.getValue());
        }
      }
    }
  }
}
