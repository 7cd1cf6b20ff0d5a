package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import io.tandem.model.VqConfig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VqCheckpointTest {

  private static final String LOOKS_LIKE =
      " missing, extra or misshapen (it looks like 32 base channels, multipliers [1, 2], 1 residual"
          + " blocks, 128 codes of 32 channels). Use the complete file of one model.";

  @ParameterizedTest
  @MethodSource
  void tellsAnyArchitecture(VqConfig config) {
    assertThat(VqCheckpoint.config(RandomVqWeights.of(config, 0))).isEqualTo(config);
  }

  static Stream<Arguments> tellsAnyArchitecture() {
    return Stream.of(
        arguments(VqConfig.RELEASED),
        arguments(RandomWeightsTest.TINY_VQ_CONFIG),
        arguments(new VqConfig(32, List.of(1), 1, 2, 8, 1)),
        arguments(new VqConfig(64, List.of(2, 1, 3), 4, 500, 16, 11)));
  }

  @Test
  void ignoresStatisticsOfAnyLength() {
    EditedWeights source =
        tiny().with(TensorSpec.of("quantize.ema_vocab_hit_SV", NumberFormat.FLOAT32, 7, 128));

    assertThat(VqCheckpoint.config(source)).isEqualTo(RandomWeightsTest.TINY_VQ_CONFIG);
  }

  @Test
  void listsEverythingThatIsWrongInOneError() {
    EditedWeights source =
        tiny()
            .without("decoder.mid.attn_1.qkv.weight")
            .with(TensorSpec.of("decoder.up.0.attn.0.norm.bias", NumberFormat.FLOAT32, 32))
            .with(
                TensorSpec.of(
                    "encoder.down.1.block.0.conv1.weight", NumberFormat.FLOAT32, 96, 32, 3, 3))
            .with(TensorSpec.of("quantize.embedding.weight", NumberFormat.INT64, 128, 32));

    assertThatThrownBy(() -> VqCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a tokeniser from 'x.pth': 4 of its tensors are"
                + LOOKS_LIKE
                + "\n  missing: decoder.mid.attn_1.qkv.weight [192, 64, 1, 1]"
                + "\n  extra: decoder.up.0.attn.0.norm.bias [32]"
                + "\n  misshapen: encoder.down.1.block.0.conv1.weight is [96, 32, 3, 3], expected"
                + " [64, 32, 3, 3]"
                + "\n  misshapen: quantize.embedding.weight has numbers of INT64, expected FLOAT16,"
                + " BFLOAT16, FLOAT32 or FLOAT64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encoder.conv_in.weight",
        "encoder.down.1.block.0.conv2.weight",
        "encoder.down.0.downsample.conv.bias",
        "decoder.up.1.block.1.norm1.weight",
        "decoder.norm_out.bias",
        "quant_conv.weight",
        "quantize.quant_resi.qresi_ls.3.bias"
      })
  void namesAnyOneTensorThatIsMissing(String name) {
    assertThatThrownBy(() -> VqCheckpoint.config(tiny().without(name)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a tokeniser from 'x.pth': 1 of its tensors is"
                + LOOKS_LIKE
                + "\n  missing: "
                + name
                + " "
                + RandomWeightsTest.TINY_VQ.spec(name).shape());
  }

  @Test
  void namesAMissingCodebookWithoutGuessingItsShape() {
    assertThatThrownBy(() -> VqCheckpoint.config(tiny().without("quantize.embedding.weight")))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("\n  missing: quantize.embedding.weight");
  }

  @Test
  void refusesChannelsThatNoNormalisationCanSplit() {
    EditedWeights source =
        tiny()
            .with(TensorSpec.of("encoder.conv_in.weight", NumberFormat.FLOAT32, 20, 3, 3, 3))
            .with(TensorSpec.of("encoder.conv_in.bias", NumberFormat.FLOAT32, 20))
            .with(TensorSpec.of("encoder.down.0.block.0.norm1.weight", NumberFormat.FLOAT32, 20));

    assertThatThrownBy(() -> VqCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(
            "\n  misshapen: encoder.conv_in.weight tells 20 base channels, expected a multiple of"
                + " 32");
  }

  @Test
  void refusesATransformer() {
    EditedWeights source = new EditedWeights("d16.pth", RandomWeightsTest.TINY);

    assertThatThrownBy(() -> VqCheckpoint.config(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load a tokeniser from 'd16.pth': it holds a transformer (a tokeniser has"
                + " tensors such as encoder.conv_in.weight and quantize.embedding.weight). Use the"
                + " file of a tokeniser here.");
  }

  private static EditedWeights tiny() {
    return new EditedWeights("x.pth", RandomWeightsTest.TINY_VQ);
  }
}
