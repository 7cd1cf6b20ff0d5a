package io.tandem.vq;

import static io.tandem.testing.FloatArrays.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tandem.kernel.Arithmetic;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.testing.FloatArrays;
import io.tandem.testing.GoldenCase;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenisers of the official size and levels. */
class TokenizerIT {

  /** The official levels with a fifth of the channels. */
  private static final VqConfig NARROW = new VqConfig(32, List.of(1, 1, 2, 2, 4), 2, 64, 32, 4);

  @ParameterizedTest
  @ValueSource(strings = {"full", "shared"})
  void agreesWithTheReference(String name) {
    TokenizerChecks checks = checks(name);

    double share = checks.imagesGiveTheTokens();
    System.out.printf("'%s': %.2f %% of the tokeniser's ids agree%n", name, 100 * share);
    checks.tokensGiveTheReconstruction();
    checks.codeTokensGiveFeatureMapAndImage();
  }

  @ParameterizedTest(name = "{0}, batch {1}")
  @CsvSource({"FP32, 1", "FP32, 3", "FP32, 4", "BF16, 1", "BF16, 3", "BF16, 4"})
  void anyNumberOfThreadsGivesTheSameBits(Precision precision, int images) {
    int before = LibTorch.threads();
    try (Tokenizer tokenizer = random(NARROW, precision, Arithmetic.FAST)) {
      LibTorch.useThreads(1);
      float[] expected = decode(tokenizer, images);
      for (int threads : new int[] {2, 3, 4}) {
        LibTorch.useThreads(threads);
        assertThat(decode(tokenizer, images)).as("%d threads", threads).isEqualTo(expected);
      }
    } finally {
      LibTorch.useThreads(before);
    }
  }

  /** Winograd's transform loses a few bits of float32. */
  @Test
  void fewerProductsGiveTheImagesOfTheDefinitionAtTheOfficialSize() {
    float[] plain;
    try (Tokenizer tokenizer = random(VqConfig.RELEASED, Precision.FP32, Arithmetic.PLAIN)) {
      plain = decode(tokenizer, 1);
    }
    try (Tokenizer tokenizer = random(VqConfig.RELEASED, Precision.FP32, Arithmetic.FAST)) {
      assertClose("image", decode(tokenizer, 1), plain, 2e-5);
    }
  }

  /** On these weights fewer products cost 0.72 % where plain bfloat16 costs 0.44 %. */
  @ParameterizedTest
  @EnumSource(Arithmetic.class)
  void bfloat16StaysCloseToFloat32(Arithmetic arithmetic) {
    float[] exact;
    try (Tokenizer tokenizer = random(NARROW, Precision.FP32, Arithmetic.FAST)) {
      exact = decode(tokenizer, 1);
    }
    try (Tokenizer tokenizer = random(NARROW, Precision.BF16, arithmetic)) {
      double error = FloatArrays.relativeError(decode(tokenizer, 1), exact);
      System.out.printf("bf16, %s: images within %.2f %% of fp32%n", arithmetic, 100 * error);
      assertThat(error).isLessThan(0.02);
    }
  }

  private static Tokenizer random(VqConfig config, Precision precision, Arithmetic arithmetic) {
    try (WeightSource source = RandomVqWeights.of(config, 1)) {
      return Tokenizer.load(
          source, ScaleSchedule.PIXELS_256, precision, DeviceSpec.CPU, arithmetic);
    }
  }

  private static float[] decode(Tokenizer tokenizer, int images) {
    Random random = new Random(5);
    float[] numbers = new float[images * 32 * 16 * 16];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    try (NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      return tokenizer.decode(batch, batch.floats(numbers, images, 32, 16, 16)).toFloats();
    }
  }

  private static TokenizerChecks checks(String name) {
    String folder = System.getProperty("tandem.golden");
    assumeTrue(
        folder != null && Files.isDirectory(Path.of(folder, name)),
        "needs -Dtandem.golden=FOLDER with the golden case '" + name + "'");
    return new TokenizerChecks(GoldenCase.in(Path.of(folder, name)));
  }
}
