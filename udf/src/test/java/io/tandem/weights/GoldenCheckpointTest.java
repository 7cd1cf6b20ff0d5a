package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Files that torch.save wrote; expected numbers were printed with torch 2.7.1. */
class GoldenCheckpointTest {

  private static final LatentSpace LATENT =
      new LatentSpace(128, 32, new ScaleSchedule(List.of(1, 2, 3, 4)));

  @Test
  void readsTheDrafter() {
    try (WeightSource source = open("var_d2.pth")) {
      assertThat(VarCheckpoint.config(source))
          .isEqualTo(new VarConfig(2, 128, 2, 10, AdaLn.PER_BLOCK, LATENT));
      assertThat(source.sha256())
          .isEqualTo("9676d82187f51aac1f9c4ee29a33a9b1a13055294f2d5c288389672bec431399");
      assertThat(source.names()).hasSize(38);
      assertThat(half(source, "head.weight", 0)).isEqualTo(-0.03338623046875f);
      assertThat(half(source, "head.weight", 1)).isEqualTo(0.8447265625f);
      assertThat(half(source, "head.weight", 128 * 128 - 1)).isEqualTo(0.1951904296875f);
      assertThat(sum(source, "class_emb.weight")).isCloseTo(-63.004977226257324, within(1e-9));
      assertThat(sum(source, "blocks.0.attn.scale_mul_1H11")).isEqualTo(3.640625);
    }
  }

  @Test
  void readsTheRefiner() {
    try (WeightSource source = open("var_d1.pth")) {
      assertThat(VarCheckpoint.config(source))
          .isEqualTo(new VarConfig(1, 64, 1, 10, AdaLn.PER_BLOCK, LATENT));
      assertThat(source.sha256())
          .isEqualTo("8a63348157695ec6a201933c9d38ede3e6032e66e29fb5e7d588c312a428a9cd");
      assertThat(sum(source, "head.weight")).isCloseTo(-20.084292232990265, within(1e-9));
      assertThat(source.spec("attn_bias_for_masking"))
          .isEqualTo(TensorSpec.of("attn_bias_for_masking", NumberFormat.FLOAT32, 1, 1, 30, 30));
      ByteBuffer mask = source.read("attn_bias_for_masking");
      assertThat(mask.getFloat(0)).isZero();
      assertThat(mask.getFloat(4)).isEqualTo(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void readsTheTokeniser() {
    try (WeightSource source = open("vae.pth")) {
      assertThat(VqCheckpoint.config(source))
          .isEqualTo(new VqConfig(32, List.of(1, 2), 1, 128, 32, 4));
      assertThat(source.sha256())
          .isEqualTo("b004c9ea13f30477809ff2995388f2e8594c9206dde50edbdc51bdbfae6197bf");
      assertThat(half(source, "quantize.embedding.weight", 0)).isEqualTo(-0.78857421875f);
      assertThat(sum(source, "encoder.conv_in.weight")).isCloseTo(-4.097223997116089, within(1e-9));
      assertThat(half(source, "decoder.conv_out.bias", 2)).isEqualTo(0.1094970703125f);
    }
  }

  @Test
  void summarisesWhatIsInAFile() {
    try (WeightSource source = open("var_d1.pth")) {
      CheckpointSummary summary = CheckpointSummary.of(source);

      assertThat(summary.kind()).isEqualTo(CheckpointKind.TRANSFORMER);
      assertThat(summary.transformer()).contains(VarCheckpoint.config(source));
      assertThat(summary.tokeniser()).isEmpty();
      assertThat(summary.contents())
          .isEqualTo(
              new CheckpointSummary.Contents(25, 96_321, 203_193, Set.of(NumberFormat.FLOAT16)));
      assertThat(summary.findings().isEmpty()).isTrue();
    }
  }

  @Test
  void summarisesWhatCannotBeLoaded() {
    try (WeightSource source = open("vae.pth")) {
      EditedWeights edited =
          new EditedWeights("x", source)
              .without("quantize.embedding.weight")
              .with(TensorSpec.of("ema", NumberFormat.FLOAT32, 1));

      CheckpointSummary summary = CheckpointSummary.of(edited);

      assertThat(summary.kind()).isEqualTo(CheckpointKind.TOKENISER);
      assertThat(summary.tokeniser()).isEqualTo(Optional.empty());
      assertThat(summary.findings().missing()).containsExactly("quantize.embedding.weight");
      assertThat(summary.findings().extra()).containsExactly("ema [1]");
      assertThat(summary.contents().formats())
          .containsExactly(NumberFormat.FLOAT16, NumberFormat.FLOAT32);
      CheckpointSummary unknown = CheckpointSummary.of(edited.withoutAll("[^e].*|encoder.*"));
      assertThat(unknown.kind()).isEqualTo(CheckpointKind.UNKNOWN);
      assertThat(unknown.findings().count()).isZero();
    }
  }

  private static WeightSource open(String name) {
    try {
      Path path =
          Path.of(GoldenCheckpointTest.class.getResource("/io/tandem/golden/tiny/" + name).toURI());
      return WeightFiles.open(path.toString());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double sum(WeightSource source, String name) {
    double sum = 0;
    for (int i = 0; i < source.spec(name).numbers(); i++) {
      sum += half(source, name, i);
    }
    return sum;
  }

  private static float half(WeightSource source, String name, int index) {
    assertThat(source.spec(name).format()).isEqualTo(NumberFormat.FLOAT16);
    return halfToFloat(source.read(name).getShort(2 * index));
  }

  private static float halfToFloat(short half) {
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    double magnitude =
        exponent == 0 ? fraction * 0x1p-24 : (1 + fraction * 0x1p-10) * Math.pow(2, exponent - 15);
    return (float) (half < 0 ? -magnitude : magnitude);
  }
}
