package io.tandem.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {

  /** Names in no order that a hash table would give them. */
  private static final List<String> NAMES =
      List.of("word_embed.weight", "pos_start", "head.bias", "blocks.0.ffn.fc1.weight", "a", "z");

  private static final int SIZE = 6;
  private static final Optimizer ADAM = new Optimizer(0.9, 0.95, 1e-8, 2);

  /** AdamW as its paper defines it, number by number. */
  private static final class Plain {
    final Map<String, double[]> weights = new LinkedHashMap<>();
    final Map<String, double[]> means = new LinkedHashMap<>();
    final Map<String, double[]> squares = new LinkedHashMap<>();

    double step(Map<String, double[]> gradients, double rate, List<Double> decay, int step) {
      double sum = 0;
      for (double[] gradient : gradients.values()) {
        for (double g : gradient) {
          sum += g * g;
        }
      }
      double norm = Math.sqrt(sum);
      double clip = Math.min(1, ADAM.largestNorm() / (norm + 1e-6));
      for (int t = 0; t < NAMES.size(); t++) {
        String name = NAMES.get(t);
        double[] w = weights.get(name);
        double[] m = means.computeIfAbsent(name, n -> new double[SIZE]);
        double[] v = squares.computeIfAbsent(name, n -> new double[SIZE]);
        for (int i = 0; i < SIZE; i++) {
          double g = gradients.get(name)[i] * clip;
          m[i] = ADAM.beta1() * m[i] + (1 - ADAM.beta1()) * g;
          v[i] = ADAM.beta2() * v[i] + (1 - ADAM.beta2()) * g * g;
          double mean = m[i] / (1 - Math.pow(ADAM.beta1(), step));
          double square = v[i] / (1 - Math.pow(ADAM.beta2(), step));
          w[i] -= rate * decay.get(t) * w[i];
          w[i] -= rate * mean / (Math.sqrt(square) + ADAM.epsilon());
        }
      }
      return norm;
    }
  }

  private static Map<String, double[]> random(long seed, double size) {
    Random random = new Random(seed);
    Map<String, double[]> numbers = new LinkedHashMap<>();
    for (String name : NAMES) {
      numbers.put(name, random.doubles(SIZE, -size, size).toArray());
    }
    return numbers;
  }

  private static TrainingTensors tensors(Map<String, double[]> numbers) {
    TrainingTensors tensors = TrainingTensors.open(DeviceSpec.CPU);
    numbers.forEach((name, row) -> tensors.put(NumberFormat.FLOAT64, name, row, 2, SIZE / 2));
    return tensors;
  }

  /** Takes the place of a loss. */
  private static void give(TrainingState state, Map<String, double[]> gradients) {
    try (TrainingTensors given = tensors(gradients)) {
      given.arrays().forEach((name, array) -> state.gradients().arrays().get(name).addi(array));
    }
  }

  private static void assertNumbers(TrainingTensors actual, Map<String, double[]> expected) {
    for (String name : NAMES) {
      // a few roundings of float64 per step
      assertThat(actual.doubles(name)).as(name).containsExactly(expected.get(name), within(1e-14));
    }
  }

  /** The first size gives norms below 2, the largest one, the second norms above it. */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 3})
  void movesAsDefined(double gradientSize) {
    List<Double> decay = List.of(0.5, 0.0, 0.25, 0.1, 0.0, 1.0);
    Plain plain = new Plain();
    plain.weights.putAll(random(1, 1));
    try (TrainingState state = new TrainingState(tensors(plain.weights))) {
      for (int step = 1; step <= 5; step++) {
        double rate = 0.1 / step;
        give(state, random(10 + step, gradientSize));

        double norm = ADAM.step(state, rate, decay, step);

        double expected = plain.step(random(10 + step, gradientSize), rate, decay, step);
        assertThat(expected > ADAM.largestNorm()).isEqualTo(gradientSize > 1);
        assertThat(norm).isCloseTo(expected, within(1e-14));
        assertNumbers(state.weights(), plain.weights);
        assertNumbers(state.means(), plain.means);
        assertNumbers(state.squares(), plain.squares);
        for (String name : NAMES) {
          assertThat(state.gradients().doubles(name)).as("gradient of %s", name).containsOnly(0);
        }
      }
    }
  }

  @Test
  void theFirstStepIsTheRateInTheDirectionOfEachGradient() {
    try (TrainingState state = new TrainingState(tensors(random(1, 1)))) {
      Map<String, double[]> before = random(1, 1);
      Map<String, double[]> gradients = random(2, 0.3);
      give(state, gradients);

      ADAM.step(state, 0.01, List.of(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 1);

      for (String name : NAMES) {
        for (int i = 0; i < SIZE; i++) {
          double moved = before.get(name)[i] - 0.01 * Math.signum(gradients.get(name)[i]);
          // epsilon against gradients of 1e-3 or more
          assertThat(state.weights().doubles(name)[i]).isCloseTo(moved, within(1e-6));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aNormThatIsNotFiniteLeavesAllAsItWas(double number) {
    List<Double> decay = new ArrayList<>(List.of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1));
    Plain plain = new Plain();
    plain.weights.putAll(random(1, 1));
    try (TrainingState state = new TrainingState(tensors(plain.weights))) {
      give(state, random(2, 1));
      ADAM.step(state, 0.1, decay, 1);
      plain.step(random(2, 1), 0.1, decay, 1);
      Map<String, double[]> bad = random(3, 1);
      bad.get("head.bias")[3] = number;
      give(state, bad);

      double norm = ADAM.step(state, 0.1, decay, 2);

      assertThat(norm).isNotFinite();
      assertNumbers(state.weights(), plain.weights);
      assertNumbers(state.means(), plain.means);
      assertNumbers(state.squares(), plain.squares);
    }
  }

  @Test
  void movesFloat32TensorsAlike() {
    List<Double> decay = List.of(0.5, 0.0, 0.25, 0.1, 0.0, 1.0);
    Plain plain = new Plain();
    plain.weights.putAll(random(1, 1));
    TrainingTensors floats = TrainingTensors.open(DeviceSpec.CPU);
    plain.weights.forEach((name, row) -> floats.put(NumberFormat.FLOAT32, name, row, 2, SIZE / 2));
    try (TrainingState state = new TrainingState(floats)) {
      for (int step = 1; step <= 3; step++) {
        give(state, random(10 + step, 3));
        ADAM.step(state, 0.1, decay, step);
        plain.step(random(10 + step, 3), 0.1, decay, step);
      }

      for (String name : NAMES) {
        // float32: some 1e-7 per step of weights about 1
        assertThat(state.weights().doubles(name))
            .as(name)
            .containsExactly(plain.weights.get(name), within(1e-6));
      }
    }
  }
}
