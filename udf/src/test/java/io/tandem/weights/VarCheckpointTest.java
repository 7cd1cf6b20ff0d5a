package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarCheckpointTest {

  private static final String LOOKS_LIKE =
      " missing, extra or misshapen (it looks like depth 2, width 64, 2 heads, per-block AdaLN)."
          + " Use the complete file of one model.";

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 20, 24, 30, 36})
  void tellsReleasedArchitectures(int depth) {
    VarConfig config = VarConfig.ofDepth(depth);

    assertThat(VarCheckpoint.config(RandomVarWeights.of(config, 0))).isEqualTo(config);
  }

  @Test
  void tellsAnyArchitecture() {
    VarConfig config =
        new VarConfig(
            11,
            96,
            3,
            1,
            AdaLn.SHARED,
            new LatentSpace(17, 5, new ScaleSchedule(List.of(1, 3, 7))));

    assertThat(VarCheckpoint.config(RandomVarWeights.of(config, 0))).isEqualTo(config);
  }

  @Test
  void ignoresBuffersOfTheOfficialFiles() {
    EditedWeights source =
        tiny()
            .with(TensorSpec.of("attn_bias_for_masking", NumberFormat.FLOAT32, 1, 1, 21, 21))
            .with(TensorSpec.of("blocks.0.attn.zero_k_bias", NumberFormat.FLOAT32, 64))
            .with(TensorSpec.of("blocks.1.attn.zero_k_bias", NumberFormat.FLOAT32, 64));

    assertThat(VarCheckpoint.config(source)).isEqualTo(RandomWeightsTest.TINY_CONFIG);
  }

  @Test
  void listsEverythingThatIsWrongInOneError() {
    EditedWeights source =
        tiny()
            .without("head.bias")
            .without("blocks.1.attn.mat_qkv.weight")
            .with(TensorSpec.of("class_emb.weight", NumberFormat.FLOAT32, 11, 63))
            .with(TensorSpec.of("head.weight", NumberFormat.INT32, 128, 64))
            .with(TensorSpec.of("pos_1LC", NumberFormat.FLOAT16, 1, 20, 64))
            .with(TensorSpec.of("blocks.0.gamma", NumberFormat.FLOAT32, 64))
            .with(TensorSpec.of("optimiser\n", NumberFormat.INT64));

    assertRefused(
        source,
        "7 of its tensors are"
            + LOOKS_LIKE
            + "\n  missing: blocks.1.attn.mat_qkv.weight [192, 64]"
            + "\n  missing: head.bias [128]"
            + "\n  extra: blocks.0.gamma [64]"
            + "\n  extra: optimiser? []"
            + "\n  misshapen: pos_1LC is [1, 20, 64], expected [1, 21, 64]"
            + "\n  misshapen: class_emb.weight is [11, 63], expected [11, 64]"
            + "\n  misshapen: head.weight has numbers of INT32, expected FLOAT16, BFLOAT16, FLOAT32"
            + " or FLOAT64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pos_start",
        "pos_1LC",
        "word_embed.weight",
        "word_embed.bias",
        "class_emb.weight",
        "lvl_embed.weight",
        "blocks.0.attn.scale_mul_1H11",
        "blocks.1.attn.q_bias",
        "blocks.1.ada_lin.1.weight",
        "head_nm.ada_lin.1.bias",
        "head.weight"
      })
  void namesAnyOneTensorThatIsMissing(String name) {
    assertThatThrownBy(() -> VarCheckpoint.config(tiny().without(name)))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "Cannot load a transformer from 'x.pth': 1 of its tensors is" + LOOKS_LIKE)
        .hasMessageContaining("\n  missing: " + name);
  }

  @Test
  void saysWhatALackOfLevelsMeans() {
    assertRefused(
        tiny().without("lvl_1L"),
        "1 of its tensors is"
            + LOOKS_LIKE
            + "\n  missing: lvl_1L (INT64 [1, tokens], the scale of each token: the scale schedule"
            + " is read from it)");
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void refusesLevelsThatMakeNoSchedule(List<Integer> levels, String found) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(levels.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    levels.forEach(level -> bytes.putLong(level));
    EditedWeights source =
        tiny().with(TensorSpec.of("lvl_1L", NumberFormat.INT64, 1, levels.size()), bytes.flip());

    assertRefused(source, "1 of its tensors is" + LOOKS_LIKE + "\n  misshapen: lvl_1L " + found);
  }

  static Stream<Arguments> refusesLevelsThatMakeNoSchedule() {
    return Stream.of(
        arguments(List.of(0, 1, 1, 1), "has 3 tokens of value 1, which is no square"),
        arguments(List.of(0, 2, 2, 2, 2), "has value 2 where 1 is expected"),
        arguments(List.of(1), "has value 1 where 0 is expected"),
        arguments(List.of(0, 1, 1, 1, 1, 0), "has value 0 where 2 is expected"),
        arguments(List.of(0, -1), "has value -1 where 1 is expected"),
        arguments(List.of(0, 1), "has side 1 after side 1 (sides grow, from 1 on)"),
        arguments(List.of(0, 0, 0, 0), "has side 2 after side 0 (sides grow, from 1 on)"),
        arguments(List.of(), "is INT64 [1, 0], expected INT64 [1, tokens]"));
  }

  @Test
  void refusesLevelsOfAnotherFormat() {
    assertRefused(
        tiny().with(TensorSpec.of("lvl_1L", NumberFormat.FLOAT16, 1, 21)),
        "1 of its tensors is"
            + LOOKS_LIKE
            + "\n  misshapen: lvl_1L is FLOAT16 [1, 21], expected INT64 [1, tokens]");
  }

  @Test
  void refusesHeadsThatDoNotDivideTheWidth() {
    EditedWeights source =
        tiny()
            .with(TensorSpec.of("blocks.0.attn.scale_mul_1H11", NumberFormat.FLOAT32, 1, 3, 1, 1))
            .with(TensorSpec.of("blocks.1.attn.scale_mul_1H11", NumberFormat.FLOAT32, 1, 3, 1, 1));

    assertThatThrownBy(() -> VarCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith(
            "\n  misshapen: scale_mul_1H11 tells 3 heads, which do not divide width 64");
  }

  @Test
  void refusesATokeniser() {
    EditedWeights source = new EditedWeights("vae.pth", RandomWeightsTest.TINY_VQ);

    assertThatThrownBy(() -> VarCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a transformer from 'vae.pth': it holds a tokeniser (a transformer has"
                + " tensors such as blocks.0.attn.mat_qkv.weight and head.weight). Use the file of"
                + " a transformer here.");
  }

  @Test
  void refusesWhatIsNeither() {
    EditedWeights source =
        tiny()
            .withoutAll(".*")
            .with(TensorSpec.of("conv1.weight", NumberFormat.FLOAT32, 1))
            .with(TensorSpec.of("fc", NumberFormat.FLOAT32, 1));

    assertThatThrownBy(() -> VarCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a transformer from 'x.pth': it holds neither a transformer nor a tokeniser"
                + " nor a feature network but tensors such as conv1.weight, fc (a transformer has"
                + " tensors such as blocks.0.attn.mat_qkv.weight and head.weight). Use the file of"
                + " a transformer here.");
  }

  @Test
  void claimsOfHugeShapesCostNothing() {
    EditedWeights source =
        tiny()
            .with(TensorSpec.of("class_emb.weight", NumberFormat.FLOAT32, 1L << 60, 0))
            .with(TensorSpec.of("blocks.999999999.attn.q_bias", NumberFormat.FLOAT32, 64));

    assertThatThrownBy(() -> VarCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("depth 3")
        .hasMessageContaining("\n  extra: blocks.999999999.attn.q_bias [64]");
  }

  private static EditedWeights tiny() {
    return new EditedWeights("x.pth", RandomWeightsTest.TINY);
  }

  private static void assertRefused(WeightSource source, String found) {
    assertThatThrownBy(() -> VarCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot load a transformer from 'x.pth': " + found);
  }
}
