package io.tandem.vq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.NativeManagers;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TokenizerTest {

  private static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 4));
  private static final VqConfig CONFIG = new VqConfig(32, List.of(1, 2), 1, 16, 8, 4);

  private final TokenizerChecks checks = new TokenizerChecks(GoldenCase.tiny());

  @Test
  void imagesGiveTheTokensOfTheReference() {
    assertThat(checks.imagesGiveTheTokens()).isEqualTo(1);
  }

  @Test
  void tokensGiveTheReconstructionOfTheReference() {
    checks.tokensGiveTheReconstruction();
  }

  @Test
  void codeTokensGiveFeatureMapAndImageOfTheReference() {
    checks.codeTokensGiveFeatureMapAndImage();
  }

  @Test
  void returnsWhatTheNextScaleStartsFromUntilTheLast() {
    try (Tokenizer tokenizer = random(SCHEDULE);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      FeatureMap features = tokenizer.newFeatureMap(batch, 2);

      Tensor second = features.accumulate(batch.longs(new long[] {3, 7}, 2, 1), 0).orElseThrow();
      float[] before = second.toFloats();
      Tensor third = features.accumulate(batch.longs(new long[8], 2, 4), 1).orElseThrow();

      assertThat(second.shape()).containsExactly(2, 4, 8);
      assertThat(third.shape()).containsExactly(2, 16, 8);
      assertThat(second.toFloats()).isEqualTo(before);
      assertThat(features.accumulate(batch.longs(new long[32], 2, 16), 2)).isEmpty();
      assertThat(features.value().shape()).containsExactly(2, 8, 4, 4);
    }
  }

  @Test
  void takesScalesInOrderOnly() {
    try (Tokenizer tokenizer = random(SCHEDULE);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      FeatureMap features = tokenizer.newFeatureMap(batch, 1);
      Tensor map = batch.longs(new long[4], 1, 4);

      assertThatThrownBy(() -> features.accumulate(map, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot add scale 1: next is 0");
    }
  }

  @Test
  void refusesATransformer() {
    try (WeightSource transformer = GoldenCase.tiny().drafter()) {
      assertThatThrownBy(
              () -> Tokenizer.load(transformer, SCHEDULE, Precision.FP32, DeviceSpec.CPU))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot load")
          .hasMessageContaining(transformer.origin());
    }
  }

  @Test
  void decodesAnImageAsInABatchOfItsOwn() {
    try (Tokenizer tokenizer = random(new ScaleSchedule(List.of(1, 16)))) {
      float[] numbers = numbers(3 * 8 * 16 * 16);

      float[] together = decode(tokenizer, numbers, 3, 16);

      for (int image = 0; image < 3; image++) {
        int size = numbers.length / 3;
        float[] one = Arrays.copyOfRange(numbers, image * size, (image + 1) * size);
        int pixels = together.length / 3;
        assertThat(decode(tokenizer, one, 1, 16))
            .isEqualTo(Arrays.copyOfRange(together, image * pixels, (image + 1) * pixels));
      }
    }
  }

  @Test
  void fourThreadsShareTheWeights() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Tokenizer tokenizer = random(new ScaleSchedule(List.of(1, 16)))) {
      float[] numbers = numbers(8 * 16 * 16);
      float[] expected = decode(tokenizer, numbers, 1, 16);

      List<Future<float[]>> decoded = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        decoded.add(threads.submit(() -> decode(tokenizer, numbers, 1, 16)));
      }

      for (Future<float[]> images : decoded) {
        assertThat(images.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void leavesNothingBehind() {
    long values = NativeScope.liveValues();
    int managers = NativeManagers.alive();

    try (WeightSource source = RandomVqWeights.of(CONFIG, 1);
        Tokenizer tokenizer = random(SCHEDULE);
        ImageEncoder encoder =
            ImageEncoder.load(source, SCHEDULE, Precision.FP32, DeviceSpec.CPU)) {
      long loaded = NativeScope.liveValues();
      try (NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
        Tensor images = tokenizer.decode(batch, batch.floats(numbers(8 * 16), 1, 8, 4, 4));
        encoder.encode(batch, images);
        tokenizer.pixels(images, PixelRounding.NEAREST);
      }
      assertThat(NativeScope.liveValues()).isEqualTo(loaded);
    }

    assertThat(NativeScope.liveValues()).isEqualTo(values);
    assertThat(NativeManagers.alive()).isEqualTo(managers);
  }

  @Test
  void makesPicturesOfImages() {
    try (Tokenizer tokenizer = random(SCHEDULE);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      Tensor images = batch.floats(new float[] {0, 0.499f, 0.25f, 1, 0.5f, 0.75f}, 2, 3, 1, 1);

      List<RgbImage> pictures = tokenizer.pixels(images, PixelRounding.NEAREST);

      assertThat(pictures)
          .containsExactly(
              RgbImage.of(1, 1, new byte[] {0, 127, 64}),
              RgbImage.of(1, 1, new byte[] {(byte) 255, (byte) 128, (byte) 191}));
    }
  }

  @Test
  void tellsTheBytesOfItsWeights() {
    try (Tokenizer tokenizer = random(SCHEDULE)) {
      // more than 73 * 32 * 32 numbers of 4 bytes in the residual block of the finest level alone
      assertThat(tokenizer.weightBytes()).isBetween(300_000L, 3_000_000L);
    }
  }

  private static float[] decode(Tokenizer tokenizer, float[] features, int images, int side) {
    try (NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      return tokenizer.decode(batch, batch.floats(features, images, 8, side, side)).toFloats();
    }
  }

  private static Tokenizer random(ScaleSchedule schedule) {
    try (WeightSource source = RandomVqWeights.of(CONFIG, 1)) {
      return Tokenizer.load(source, schedule, Precision.FP32, DeviceSpec.CPU);
    }
  }

  private static float[] numbers(int count) {
    Random random = new Random(5);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
