package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.TokeniserTrainingKernel.Images;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.kernel.TokeniserTrainingKernel.Losses;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.testing.FiniteDifferences;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import io.tandem.train.TrainingWeights;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * With the ids held fixed. Stopped gradients make the whole loss no function of all weights, so
 * each part is compared where it is one.
 */
@ExtendWith(SingleThread.class)
class TokeniserTrainingKernelTest {

  private static final ScaleSchedule SCHEDULE = TinyModels.SCHEDULE;
  private static final int TOKENS = SCHEDULE.totalTokens();
  private static final int IMAGES = 2;
  private static final long[] FREE = {};

  private static final LossWeights ALL = new LossWeights(1, 0.2, 0.7, 0.25);
  private static final LossWeights RECONSTRUCTION = new LossWeights(1, 0.2, 0, 0);
  private static final LossWeights CODEBOOK = new LossWeights(0, 0, 1, 0);
  private static final LossWeights COMMITMENT = new LossWeights(0, 0, 0, 1);

  private static final Predicate<String> QUANTISER = name -> name.startsWith("quantize.");
  private static final Predicate<String> ENCODER =
      name -> name.startsWith("encoder.") || name.startsWith("quant_conv.");
  private static final Predicate<String> DECODER = QUANTISER.or(ENCODER).negate();

  private static TrainingQuantizer geometry;

  @BeforeAll
  static void open() {
    geometry = geometry(NumberFormat.FLOAT64);
  }

  @AfterAll
  static void close() {
    geometry.close();
  }

  private static TrainingQuantizer geometry(NumberFormat format) {
    return TrainingWeights.geometry(
        SCHEDULE, TinyModels.TOKENISER.residualConvolutions(), format, DeviceSpec.CPU);
  }

  private static Images images(long[] ids) {
    int side = TinyModels.PICTURE_SIDE;
    Random random = new Random(3);
    float[] pixels = new float[IMAGES * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * random.nextFloat() - 1;
    }
    return new Images(pixels, side, ids);
  }

  private static Images fixed() {
    return images(TinyModels.tokens(IMAGES, 4));
  }

  private static TrainingState state() {
    return new TrainingState(TinyModels.tokeniser(1, NumberFormat.FLOAT64));
  }

  private static Losses run(TrainingState state, Images images, LossWeights weights) {
    return TokeniserTrainingKernel.gradients(state, geometry, images, weights, Precision.FP32);
  }

  private static FiniteDifferences differences(TrainingState state, LossWeights weights) {
    return FiniteDifferences.of(
        state.weights(),
        state.gradients(),
        moved -> {
          try (TrainingState there = new TrainingState(moved)) {
            return run(there, fixed(), weights).loss();
          }
        });
  }

  private static void assertGradients(LossWeights weights, Predicate<String> moved) {
    try (TrainingState state = state()) {
      run(state, fixed(), weights);

      FiniteDifferences differences = differences(state, weights);
      differences.agreeAlongRandomDirections(moved);
      differences.agreeInEachTensor(moved);
    }
  }

  @Test
  void decoderLearnsTheWholeLoss() {
    assertGradients(ALL, DECODER);
  }

  @Test
  void codebookAndResidualConvolutionsLearnTheCodebookLoss() {
    assertGradients(CODEBOOK, QUANTISER);
  }

  @Test
  void encoderLearnsTheCommitmentLoss() {
    assertGradients(COMMITMENT, ENCODER);
  }

  @Test
  void eachLossStopsWhereItShould() {
    assertNothingLearns(RECONSTRUCTION, QUANTISER);
    assertNothingLearns(CODEBOOK, ENCODER.or(DECODER));
    assertNothingLearns(COMMITMENT, QUANTISER.or(DECODER));
  }

  private static void assertNothingLearns(LossWeights weights, Predicate<String> still) {
    try (TrainingState state = state()) {
      run(state, fixed(), weights);
      for (String name : state.gradients().names()) {
        double sum = Arrays.stream(state.gradients().doubles(name)).map(Math::abs).sum();
        if (still.test(name)) {
          assertThat(sum).as("gradient of %s by %s", name, weights).isZero();
        } else {
          assertThat(sum).as("gradient of %s by %s", name, weights).isPositive();
        }
      }
    }
  }

  /**
   * The bias of quant_conv shifts the encoder's map; the bias of a residual convolution shifts the
   * quantised map by half of it for each scale that it serves. What reaches the encoder is the
   * derivative at the quantised map.
   */
  @Test
  void reconstructionReachesTheEncoderAsIfItsMapWereTheQuantisedOne() {
    try (TrainingState state = state()) {
      run(state, fixed(), RECONSTRUCTION);
      double[] shift = state.gradients().doubles("quant_conv.bias");
      FiniteDifferences differences = differences(state, RECONSTRUCTION);
      for (int convolution = 0; convolution < 4; convolution++) {
        double served = 0;
        for (int scale = 0; scale < SCHEDULE.scales(); scale++) {
          served += SCHEDULE.residualConvolution(scale, 4) == convolution ? 1 : 0;
        }
        assertThat(served).isPositive();
        String name = "quantize.quant_resi.qresi_ls." + convolution + ".bias";
        for (int channel = 0; channel < TinyModels.CODE_CHANNELS; channel++) {
          double expected = 0.5 * served * shift[channel];
          assertThat(differences.inNumber(name, channel))
              .as("%s, channel %d", name, channel)
              .isCloseTo(expected, within(1e-5 * Math.abs(expected)));
        }
      }
    }
  }

  /**
   * Two scales of one code each on constant maps, and a decoder that is one group normalisation of
   * two channels, (z, 0): with u = z / 2 it gives u / sqrt(u^2 + 1e-6), then SiLU.
   */
  @Test
  void constantMapsGiveTheLossesAndGradientsOfHand() {
    VqConfig config = new VqConfig(64, List.of(1), 1, 3, 2, 1);
    ScaleSchedule schedule = new ScaleSchedule(List.of(1, 2));
    double[] map = {0.3, -0.2};
    double[] code = {0.001, 0.6};
    double[] bias = {0.0006, -0.4};
    double[] colour = {0.25, -0.5, 0.125};
    Map<String, double[]> numbers = new HashMap<>();
    numbers.put("quant_conv.bias", map);
    numbers.put("quantize.embedding.weight", new double[] {9, 9, code[0], code[1], 9, 9});
    numbers.put("quantize.quant_resi.qresi_ls.0.bias", bias);
    numbers.put("post_quant_conv.weight", middles(2, 2, new int[][] {{0, 0}, {1, 1}}));
    numbers.put("decoder.conv_in.weight", middles(64, 2, new int[][] {{0, 0}}));
    numbers.put("decoder.conv_out.weight", middles(3, 64, new int[][] {{0, 0}}));
    float[] pixels = new float[3 * 4];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) colour[i / 4];
    }
    try (TrainingState state = new TrainingState(weights(config, numbers));
        TrainingQuantizer small =
            TrainingWeights.geometry(schedule, 1, NumberFormat.FLOAT64, DeviceSpec.CPU)) {
      Losses losses =
          TokeniserTrainingKernel.gradients(
              state,
              small,
              new Images(pixels, 2, new long[] {1, 1, 1, 1, 1}),
              new LossWeights(3, 0, 5, 7),
              Precision.FP32);

      double u = (code[0] + bias[0]) / 2;
      double root = Math.sqrt(u * u + 1e-6);
      double sigmoid = 1 / (1 + Math.exp(-u / root));
      double red = u / root * sigmoid;
      double slope = sigmoid * (1 + u / root * (1 - sigmoid)) * 1e-6 / (root * root * root) / 2;
      double squared = (square(red - colour[0]) + square(colour[1]) + square(colour[2])) / 3;
      double absolute = (Math.abs(red - colour[0]) + 0.5 + 0.125) / 3;
      double quantised = 0;
      double[] towardsCode = new double[2];
      double[] towardsMap = new double[2];
      for (int scale = 1; scale <= 2; scale++) {
        for (int z = 0; z < 2; z++) {
          double off = scale * (code[z] + bias[z]) / 2 - map[z];
          quantised += off * off / 4;
          towardsCode[z] += off * scale / 4;
          towardsMap[z] -= off / 2;
        }
      }
      assertThat(losses.parts())
          .containsExactly(new double[] {squared, absolute, quantised, quantised}, within(1e-12));
      assertThat(losses.loss()).isCloseTo(3 * squared + 12 * quantised, within(1e-12));
      double straight = 2. / 3 * (red - colour[0]) * slope;
      assertGradient(state, "quant_conv.bias", 7 * towardsMap[0] + 3 * straight, 7 * towardsMap[1]);
      assertGradient(
          state,
          "quantize.embedding.weight",
          new double[] {0, 0, 5 * towardsCode[0], 5 * towardsCode[1], 0, 0});
      assertGradient(
          state, "quantize.quant_resi.qresi_ls.0.bias", 5 * towardsCode[0], 5 * towardsCode[1]);
      assertThat(straight).as("the part that goes straight through").isGreaterThan(10);
    }
  }

  private static void assertGradient(TrainingState state, String name, double... expected) {
    assertThat(state.gradients().doubles(name)).as(name).containsExactly(expected, within(1e-9));
  }

  private static double square(double x) {
    return x * x;
  }

  /** A convolution 3x3 whose middle taps are 1 for some pairs of output and input. */
  private static double[] middles(int outputs, int inputs, int[][] pairs) {
    double[] weight = new double[outputs * inputs * 9];
    for (int[] pair : pairs) {
      weight[(pair[0] * inputs + pair[1]) * 9 + 4] = 1;
    }
    return weight;
  }

  /** Zeros but for normalisations, which leave as it is what they have normalised. */
  private static TrainingTensors weights(VqConfig config, Map<String, double[]> numbers) {
    TrainingTensors weights = TrainingTensors.open(DeviceSpec.CPU);
    WeightNames.tokeniser(config)
        .forEach(
            (name, shape) -> {
              long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
              double[] zeros = new double[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
              Arrays.fill(zeros, name.contains("norm") && name.endsWith("weight") ? 1 : 0);
              weights.put(NumberFormat.FLOAT64, name, numbers.getOrDefault(name, zeros), sizes);
            });
    return weights;
  }

  @Test
  void freeIdsAreTheNearestCodesOfWhatIsLeftOver() {
    try (TrainingState state = state()) {
      Losses losses = run(state, images(FREE), ALL);

      double[] codebook = state.weights().doubles("quantize.embedding.weight");
      int channels = TinyModels.CODE_CHANNELS;
      assertThat(losses.tokens()).hasSize(IMAGES * TOKENS);
      assertThat(losses.leftOver()).hasSize(IMAGES * TOKENS * channels);
      for (int token = 0; token < IMAGES * TOKENS; token++) {
        double[] distances = new double[TinyModels.VOCABULARY];
        for (int code = 0; code < distances.length; code++) {
          for (int z = 0; z < channels; z++) {
            distances[code] +=
                square(losses.leftOver()[token * channels + z] - codebook[code * channels + z]);
          }
        }
        double least = Arrays.stream(distances).min().orElseThrow();
        // the rows were rounded to float32 on their way out
        assertThat(distances[(int) losses.tokens()[token]]).isCloseTo(least, within(1e-5));
      }
      assertThat(Arrays.stream(losses.tokens()).distinct().count()).isGreaterThan(5);
    }
  }

  @Test
  void freeIdsGivenAgainChangeNothing() {
    try (TrainingState free = state();
        TrainingState given = state()) {
      Losses first = run(free, images(FREE), ALL);
      Losses second = run(given, images(first.tokens()), ALL);

      assertThat(second.tokens()).isEqualTo(first.tokens());
      assertThat(second.leftOver()).isEqualTo(first.leftOver());
      assertThat(second.loss()).isEqualTo(first.loss());
      assertSameBits(given.gradients(), free.gradients());
    }
  }

  @Test
  void idsOfTheReferenceAreFound() {
    GoldenCase golden = GoldenCase.tiny();
    long[] shape = golden.expected().shape("vae_input");
    int images = (int) shape[0];
    List<Integer> sides = new ArrayList<>();
    golden.description().get("patch_nums").forEach(side -> sides.add(side.asInt()));
    ScaleSchedule schedule = new ScaleSchedule(sides);
    try (WeightSource source = golden.tokenizer();
        TrainingState state =
            new TrainingState(
                TrainingWeights.load(
                    source,
                    name -> !WeightNames.isIgnorable(name),
                    NumberFormat.FLOAT32,
                    DeviceSpec.CPU));
        TrainingQuantizer floats =
            TrainingWeights.geometry(schedule, 4, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      Losses losses =
          TokeniserTrainingKernel.gradients(
              state,
              floats,
              new Images(golden.expected().floats("vae_input"), (int) shape[2], FREE),
              ALL,
              Precision.FP32);

      int same = 0;
      for (int scale = 0; scale < golden.scales(); scale++) {
        long[] expected = golden.tokens("vae_tokens_").get(scale);
        int size = schedule.tokens(scale);
        for (int i = 0; i < expected.length; i++) {
          int place = i / size * schedule.totalTokens() + schedule.offset(scale) + i % size;
          same += losses.tokens()[place] == expected[i] ? 1 : 0;
        }
      }
      // codes may be equally near but for rounding
      assertThat(same).isGreaterThanOrEqualTo((int) (0.995 * images * schedule.totalTokens()));
    }
  }

  @Test
  void equalStepsGiveEqualGradients() {
    try (TrainingState a = floats();
        TrainingState b = floats();
        TrainingQuantizer floats = geometry(NumberFormat.FLOAT32)) {
      for (Precision precision : Precision.values()) {
        for (TrainingState state : List.of(a, b)) {
          TokeniserTrainingKernel.gradients(state, floats, images(FREE), ALL, precision);
        }
        assertSameBits(b.gradients(), a.gradients());
      }
    }
  }

  private static TrainingState floats() {
    return new TrainingState(TinyModels.tokeniser(1, NumberFormat.FLOAT32));
  }

  @Test
  void gradientsOfSeveralCallsAddUp() {
    try (TrainingState once = state();
        TrainingState twice = state()) {
      run(once, fixed(), ALL);
      run(twice, fixed(), ALL);
      run(twice, fixed(), ALL);

      for (String name : once.gradients().names()) {
        double[] doubled = Arrays.stream(once.gradients().doubles(name)).map(g -> 2 * g).toArray();
        assertThat(twice.gradients().doubles(name)).as(name).isEqualTo(doubled);
      }
    }
  }

  @Test
  void revivedCodesGetNewRowsAndForgetTheirMoments() {
    float[] moments = new float[TinyModels.VOCABULARY * TinyModels.CODE_CHANNELS];
    Arrays.fill(moments, 2);
    float[] rows = new float[2 * TinyModels.CODE_CHANNELS];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    String name = "quantize.embedding.weight";
    try (TrainingState state = floats()) {
      double[] before = state.weights().doubles(name);
      state.means().replace(name, moments);
      state.squares().replace(name, moments);

      TokeniserTrainingKernel.revive(state, new long[] {7, 3}, rows);

      double[] after = state.weights().doubles(name);
      for (int i = 0; i < before.length; i++) {
        int code = i / TinyModels.CODE_CHANNELS;
        int channel = i % TinyModels.CODE_CHANNELS;
        boolean revived = code == 7 || code == 3;
        double row = code == 7 ? channel : TinyModels.CODE_CHANNELS + channel;
        assertThat(after[i]).as("code %d", code).isEqualTo(revived ? row : before[i]);
        assertThat(state.means().doubles(name)[i]).isEqualTo(revived ? 0 : 2);
        assertThat(state.squares().doubles(name)[i]).isEqualTo(revived ? 0 : 2);
      }
    }
  }

  private static void assertSameBits(TrainingTensors actual, TrainingTensors expected) {
    for (String name : expected.names()) {
      assertThat(actual.doubles(name)).as(name).isEqualTo(expected.doubles(name));
    }
  }
}
