package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.testing.TinyModels;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PaceTest {

  private static final LearningRate RATE = new LearningRate(0.1, 0, 0);
  private static final Pace PACE = new Pace(10, 4, RATE, 0.05, 3);

  private static Set<String> decaying(TrainingTensors weights) {
    List<String> names = new ArrayList<>(weights.names());
    List<Double> decays = PACE.weightDecay(weights);
    assertThat(decays).hasSameSizeAs(names).containsOnly(0.05, 0.0);
    Set<String> decaying = new LinkedHashSet<>();
    for (int i = 0; i < names.size(); i++) {
      if (decays.get(i) > 0) {
        decaying.add(names.get(i));
      }
    }
    return decaying;
  }

  @ParameterizedTest
  @EnumSource
  void matricesAndClassesOfATransformerDecay(AdaLn adaLn) {
    List<String> expected = new ArrayList<>(List.of("word_embed.weight", "class_emb.weight"));
    if (adaLn == AdaLn.SHARED) {
      expected.add("shared_ada_lin.1.weight");
    }
    for (String block : List.of("blocks.0.", "blocks.1.")) {
      expected.add(block + "attn.mat_qkv.weight");
      expected.add(block + "attn.proj.weight");
      expected.add(block + "ffn.fc1.weight");
      expected.add(block + "ffn.fc2.weight");
      if (adaLn == AdaLn.PER_BLOCK) {
        expected.add(block + "ada_lin.1.weight");
      }
    }
    expected.add("head_nm.ada_lin.1.weight");
    expected.add("head.weight");
    try (TrainingTensors weights =
        TinyModels.transformer(TinyModels.transformer(2, adaLn), 1, NumberFormat.FLOAT32)) {
      assertThat(weights.names())
          .contains("pos_1LC", "pos_start", "lvl_embed.weight", "blocks.1.attn.scale_mul_1H11");
      assertThat(decaying(weights)).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void convolutionsAndCodesOfATokeniserDecay() {
    try (TrainingTensors weights = TinyModels.tokeniser(1, NumberFormat.FLOAT32)) {
      assertThat(decaying(weights))
          .contains("quantize.embedding.weight", "encoder.conv_in.weight", "quant_conv.weight")
          .allMatch(name -> name.endsWith(".weight") && !name.contains("norm"));
    }
  }

  @Test
  void convolutionsAndHeadOfAFeatureNetworkDecay() {
    try (TrainingTensors weights =
        InitialWeights.features(new FeatureConfig(3, 8), 1, DeviceSpec.CPU)) {
      assertThat(decaying(weights))
          .containsExactlyInAnyOrder(
              "features.0.conv.weight",
              "features.1.conv.weight",
              "features.2.conv.weight",
              "features.3.conv.weight",
              "features.4.conv.weight",
              "features.5.conv.weight",
              "head.weight");
    }
  }

  @Test
  void stepsTakeTheExamplesOfTheOrderOneAfterTheOther() {
    BatchOrder order = new BatchOrder(10, 3);
    for (int step = 0; step < 6; step++) {
      long[] examples = PACE.examples(order, step);

      assertThat(examples).hasSize(4);
      for (int i = 0; i < 4; i++) {
        assertThat(examples[i]).isEqualTo(order.example(4L * step + i));
      }
    }
  }

  @Test
  void refusesRunsOfNothing() {
    assertRefused(0, 4, 0, "Cannot train for 0 steps (1 or more)");
    assertRefused(1, 0, 0, "Cannot train on batches of 0 images (1 or more)");
    assertRefused(1, 1, -0.1, "Cannot use weight decay -0.1 (0 or more)");
    assertThatThrownBy(() -> new Pace(1, 1, RATE, 0, 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot compute 0 images at once (1 or more)");
    assertRefused(1, 1, Double.NaN, "Cannot use weight decay NaN (0 or more)");
  }

  private static void assertRefused(long steps, int batch, double decay, String message) {
    assertThatThrownBy(() -> new Pace(steps, batch, RATE, decay, 1))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
