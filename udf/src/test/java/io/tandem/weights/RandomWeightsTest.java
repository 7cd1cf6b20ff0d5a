package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomWeightsTest {

  static final VarConfig TINY_CONFIG =
      new VarConfig(
          2,
          64,
          2,
          10,
          AdaLn.PER_BLOCK,
          new LatentSpace(128, 32, new ScaleSchedule(List.of(1, 2, 4))));

  static final WeightSource TINY = RandomVarWeights.of(TINY_CONFIG, 1);

  static final VqConfig TINY_VQ_CONFIG = new VqConfig(32, List.of(1, 2), 1, 128, 32, 4);

  static final WeightSource TINY_VQ = RandomVqWeights.of(TINY_VQ_CONFIG, 1);

  @Test
  void theSameSeedGivesTheSameNumbersAndAnotherGivesOthers() {
    WeightSource again = RandomVarWeights.of(TINY_CONFIG, 1);
    WeightSource other = RandomVarWeights.of(TINY_CONFIG, 2);

    for (String name : TINY.names()) {
      assertThat(TINY.read(name)).isEqualTo(again.read(name));
    }
    assertThat(TINY.read("head.weight")).isNotEqualTo(other.read("head.weight"));
    assertThat(TINY.read("pos_start")).isNotEqualTo(TINY.read("blocks.0.attn.q_bias"));
    assertThat(TINY.sha256()).hasSize(64).isEqualTo(again.sha256()).isNotEqualTo(other.sha256());
    assertThat(TINY_VQ.sha256()).isNotEqualTo(RandomVqWeights.of(TINY_VQ_CONFIG, 2).sha256());
  }

  @Test
  void numbersStayTheSameInEveryRelease() {
    float[] numbers = TorchFiles.floats(TINY.read("head.bias"));

    // made by the first release: a change here needs another version in the digest
    assertThat(numbers).startsWith(-0.029830558f, 0.015073344f, -0.032281622f, 0.018060096f);
    assertThat(TINY.sha256()).startsWith("2adb5ce4a0497e6e");
  }

  @Test
  void tellsWhatItIs() {
    assertThat(RandomVarWeights.of(VarConfig.ofDepth(16), 0).origin()).isEqualTo("random:16");
    assertThat(TINY_VQ.origin()).isEqualTo("random");
    assertThat(TINY.bytes())
        .isEqualTo(TINY.names().stream().mapToLong(name -> TINY.spec(name).bytes()).sum());
    assertThat(TINY.spec("lvl_1L")).isEqualTo(TensorSpec.of("lvl_1L", NumberFormat.INT64, 1, 21));
  }

  @ParameterizedTest
  @CsvSource({
    "head.weight, 0, 0.25",
    "class_emb.weight, 0, 1",
    "blocks.1.attn.mat_qkv.weight, 0, 0.125",
    "blocks.1.attn.scale_mul_1H11, 1.3863, 0",
  })
  void numbersHaveTheWantedMeanAndDeviation(String name, double mean, double deviation) {
    float[] numbers = TorchFiles.floats(TINY.read(name));

    // three standard errors of the smallest of these tensors, 704 numbers
    assertThat(mean(numbers)).isCloseTo(mean, within(0.12 * deviation + 1e-4));
    assertThat(deviation(numbers)).isCloseTo(deviation, within(0.06 * deviation + 1e-6));
  }

  @Test
  void gatesComeFirstAndAreAwayFromZero() {
    float[] bias = TorchFiles.floats(TINY.read("blocks.0.ada_lin.1.bias"));
    float[] weight = TorchFiles.floats(TINY.read("blocks.0.ada_lin.1.weight"));

    assertThat(bias).hasSize(6 * 64);
    for (int i = 0; i < bias.length; i++) {
      assertThat(bias[i]).isEqualTo(i < 2 * 64 ? 0.3f : 0);
    }
    double gates = deviation(Arrays.copyOf(weight, 2 * 64 * 64));
    double others = deviation(Arrays.copyOfRange(weight, 2 * 64 * 64, weight.length));
    // 0.08 and 0.2, divided by the norm of SiLU of 64 numbers of unit variance
    assertThat(gates).isCloseTo(0.08 / Math.sqrt(64 * 0.356), within(0.001));
    assertThat(others).isCloseTo(0.2 / Math.sqrt(64 * 0.356), within(0.001));
  }

  @Test
  void normalisationsStartAsTheIdentityAndCodesHaveUnitVariance() {
    assertThat(TorchFiles.floats(TINY_VQ.read("decoder.norm_out.weight"))).containsOnly(1);
    assertThat(TorchFiles.floats(TINY_VQ.read("encoder.mid.attn_1.norm.bias"))).containsOnly(0);
    float[] codes = TorchFiles.floats(TINY_VQ.read("quantize.embedding.weight"));
    assertThat(deviation(codes)).isCloseTo(1, within(0.03));
  }

  @Test
  void countsParametersOfTheReleasedModels() {
    // var-code, exact counts of the released checkpoints
    assertThat(parameters(RandomVarWeights.of(VarConfig.ofDepth(16), 0))).isEqualTo(310_283_520);
    assertThat(parameters(RandomVarWeights.of(VarConfig.ofDepth(20), 0))).isEqualTo(600_917_136);
    assertThat(parameters(RandomVarWeights.of(VarConfig.ofDepth(24), 0))).isEqualTo(1_033_399_360);
    assertThat(parameters(RandomVarWeights.of(VarConfig.ofDepth(30), 0))).isEqualTo(2_010_020_356);
    assertThat(parameters(RandomVarWeights.of(VarConfig.ofDepth(36), 0))).isEqualTo(2_353_893_904L);
    assertThat(parameters(RandomVqWeights.of(VqConfig.RELEASED, 0))).isEqualTo(108_948_355);
  }

  @Test
  void countsTensorsOfTheReleasedModels() {
    // official files hold two kinds of buffers more: one mask, and zeros in each block
    assertThat(RandomVarWeights.of(VarConfig.ofDepth(16), 0).names()).hasSize(220 - 17);
    assertThat(RandomVarWeights.of(VarConfig.ofDepth(30), 0).names()).hasSize(402 - 31);
    assertThat(RandomVarWeights.of(VarConfig.ofDepth(36), 0).names()).hasSize(446 - 37);
    // and one of statistics
    assertThat(RandomVqWeights.of(VqConfig.RELEASED, 0).names()).hasSize(324 - 1);
  }

  private static long parameters(WeightSource source) {
    return CheckpointSummary.of(source).contents().parameters();
  }

  private static double mean(float[] numbers) {
    double sum = 0;
    for (float number : numbers) {
      sum += number;
    }
    return sum / numbers.length;
  }

  private static double deviation(float[] numbers) {
    double mean = mean(numbers);
    double sum = 0;
    for (float number : numbers) {
      sum += (number - mean) * (number - mean);
    }
    return Math.sqrt(sum / numbers.length);
  }
}
