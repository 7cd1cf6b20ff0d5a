package io.tandem.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryEstimateTest {

  private static final Map<String, VarConfig> MODELS =
      Map.of("big", VarConfig.ofDepth(30), "small", VarConfig.ofDepth(16));
  private static final DecodePlan PLAIN = DecodePlan.single("big", 10);
  private static final GuidanceSchedule GUIDED = GuidanceSchedule.everywhere(1.5, 10);

  @ParameterizedTest(name = "d{0}")
  @CsvSource({
    "16, 310283520",
    "20, 600917136",
    "24, 1033399360",
    "30, 2010020356",
    "36, 2353893904"
  })
  void countsTheParametersOfTheReleasedTransformers(int depth, long parameters) {
    ParameterCount count = ParameterCount.of(VarConfig.ofDepth(depth));

    assertThat(count.products() + count.others()).isEqualTo(parameters);
    assertThat(count.bytes(Precision.FP32)).isEqualTo(4 * parameters);
    assertThat(count.bytes(Precision.FP32) - count.bytes(Precision.BF16))
        .isEqualTo(2 * count.products());
  }

  @Test
  void countsTheParametersOfTheReleasedImageDecoder() {
    long quantizer = 4096 * 32 + 5 * (9 * 32 * 32 + 32);

    assertThat(ParameterCount.imageDecoder(VqConfig.RELEASED)).isEqualTo(64_653_923);
    assertThat(ParameterCount.of(VqConfig.RELEASED))
        .isEqualTo(new ParameterCount(0, 64_653_923 + quantizer));
  }

  @Test
  void addsUpTheWeightsOfAllModels() {
    long vae = ParameterCount.of(VqConfig.RELEASED).bytes(Precision.FP32);

    assertThat(estimate(PLAIN, Precision.FP32, 1, GUIDED).weightBytes())
        .isEqualTo(vae + 4 * 2_010_020_356L);
    assertThat(estimate(collaborative(8), Precision.FP32, 64, GUIDED).weightBytes())
        .isEqualTo(vae + 4 * (2_010_020_356L + 310_283_520L));
  }

  @Test
  void keepsCachesOfTheScalesThatAreReadAgain() {
    // layers x 2 x rows x tokens x width x bytes; the 256 tokens of the last scale are not kept
    assertThat(estimate(PLAIN, Precision.BF16, 1, GUIDED).cacheBytes())
        .isEqualTo(30L * 2 * 2 * 424 * 1920 * 2);
    assertThat(estimate(PLAIN, Precision.FP32, 64, GUIDED).cacheBytes())
        .isEqualTo(30L * 2 * 128 * 424 * 1920 * 4);
  }

  @Test
  void halvesCachesWithoutGuidance() {
    assertThat(estimate(PLAIN, Precision.FP32, 4, GuidanceSchedule.off(10)).cacheBytes() * 2)
        .isEqualTo(estimate(PLAIN, Precision.FP32, 4, GUIDED).cacheBytes());
  }

  @Test
  void takesTheLargerCacheWhereOneModelFollowsTheOther() {
    // the drafter keeps 155 of its 255 tokens, and is gone when the refiner comes with 424
    assertThat(estimate(collaborative(8), Precision.BF16, 1, GUIDED).cacheBytes())
        .isEqualTo(30L * 2 * 2 * 155 * 1920 * 2);
    assertThat(estimate(collaborative(6), Precision.BF16, 1, GUIDED).cacheBytes())
        .isEqualTo(16L * 2 * 2 * 424 * 1024 * 2);
  }

  @Test
  void addsCachesWhereAModelHandsBack() {
    DecodePlan swap = DecodePlan.parse("big:1-3,small:4,big:5-10", Set.of("big", "small"), 10);

    assertThat(estimate(swap, Precision.FP32, 1, GUIDED).cacheBytes())
        .isEqualTo(2L * 2 * 4 * (30 * 424 * 1920 + 16 * 14 * 1024));
  }

  @Test
  void boundsActivationsByTheMapsOfTheImageDecoder() {
    // three maps of 160 channels and 256 x 256 pixels per image
    assertThat(estimate(PLAIN, Precision.FP32, 4, GUIDED).activationBytes())
        .isEqualTo(4L * 3 * 160 * 256 * 256 * 4);
  }

  @Test
  void boundsActivationsByThePrefillWhereTheImageDecoderIsNarrow() {
    VqConfig narrow = new VqConfig(32, List.of(1), 1, 4096, 32, 4);

    MemoryEstimate estimate =
        MemoryEstimate.of(collaborative(9), MODELS, narrow, Precision.BF16, 1, GUIDED);

    // d16 takes all 680 tokens at once before the last scale, which has 256
    long transformer = 680L * 1024 * (12 + 10) + 2L * 680 * 1024 * 2 + 256L * 4096 * 4;
    assertThat(estimate.activationBytes()).isEqualTo(2 * transformer + 4 * 256L * 4096 * 4);
  }

  @Test
  void refusesABatchThatDoesNotFit() {
    MemoryEstimate estimate = estimate(collaborative(8), Precision.FP32, 4, GUIDED);
    long needed = estimate.totalBytes();

    assertThat(needed)
        .isEqualTo(estimate.weightBytes() + estimate.cacheBytes() + estimate.activationBytes());
    assertThatCode(() -> estimate.checkFits(needed)).doesNotThrowAnyException();
    assertThatThrownBy(() -> estimate.checkFits(8_000_000_000L))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot decode a batch of 4 images: it needs 10,615,248,924 bytes (weights"
                + " 9,540,540,444, caches 571,392,000, activations 503,316,480), but there are"
                + " 8,000,000,000. Use a smaller batch or smaller models.");
  }

  @Test
  void countsThePrefillOfRowsThatComeBack() {
    VqConfig narrow = new VqConfig(32, List.of(1), 1, 4096, 32, 4);
    GuidanceSchedule pause = GuidanceSchedule.parse(1.5, "1-3,10", 10);

    long activations =
        MemoryEstimate.of(PLAIN, MODELS, narrow, Precision.BF16, 1, pause).activationBytes();

    long transformer = 680L * 1920 * (12 + 10) + 2L * 680 * 1920 * 2 + 256L * 4096 * 4;
    assertThat(activations).isEqualTo(2 * transformer + 4 * 256L * 4096 * 4);
  }

  @Test
  void doesNotOverflowForLargeBatches() {
    assertThat(estimate(PLAIN, Precision.FP32, 1_000_000, GUIDED).cacheBytes())
        .isEqualTo(30L * 2 * 2_000_000 * 424 * 1920 * 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_000_001})
  void rejectsBatchesWithoutImagesAndAbsurdOnes(int batch) {
    assertThatThrownBy(() -> estimate(PLAIN, Precision.FP32, batch, GUIDED))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot decode a batch of " + batch + " images (1 to 1000000)");
  }

  @Test
  void rejectsAPlanWithAModelOfUnknownArchitecture() {
    assertThatThrownBy(() -> estimate(DecodePlan.single("huge", 10), Precision.FP32, 1, GUIDED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No architecture of 'huge' was given");
  }

  private static DecodePlan collaborative(int draftScales) {
    return DecodePlan.collaborative("big", "small", draftScales, 10);
  }

  private static MemoryEstimate estimate(
      DecodePlan plan, Precision precision, int batch, GuidanceSchedule guidance) {
    return MemoryEstimate.of(plan, MODELS, VqConfig.RELEASED, precision, batch, guidance);
  }
}
