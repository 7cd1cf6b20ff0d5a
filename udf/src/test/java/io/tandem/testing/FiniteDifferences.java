package io.tandem.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.NumberFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Compares gradients with central differences of a loss, in float64.
 *
 * <p>A direction is a random vector of length one over all numbers of some tensors: no number moves
 * far, so that what a difference leaves out is far below the tolerance.
 */
public final class FiniteDifferences {

  private static final int DIRECTIONS = 20;

  /** Of the derivative along a direction. */
  private static final double RELATIVE = 1e-5;

  /** Differences of two equal losses are off by their rounding, a few 1e-16, over the step. */
  private static final double ROUNDING = 1e-10;

  private final Map<String, double[]> origin = new LinkedHashMap<>();
  private final TrainingTensors weights;
  private final TrainingTensors gradients;
  private final Loss loss;
  private final double step;

  private FiniteDifferences(
      TrainingTensors weights, TrainingTensors gradients, Loss loss, double step) {
    this.weights = weights;
    this.gradients = gradients;
    this.loss = loss;
    this.step = step;
    weights.names().forEach(name -> origin.put(name, weights.doubles(name)));
  }

  /** A loss as a function of weights, which it takes over and closes. */
  public interface Loss {
    double at(TrainingTensors weights);
  }

  /**
   * Returns a comparison.
   *
   * @param weights where the gradients were taken, float64
   * @param gradients of {@code loss}, each under the name of its weights
   */
  public static FiniteDifferences of(
      TrainingTensors weights, TrainingTensors gradients, Loss loss) {
    return new FiniteDifferences(weights, gradients, loss, 1e-4);
  }

  /** Returns the same with another length of the steps, for losses with kinks. */
  public FiniteDifferences inStepsOf(double length) {
    return new FiniteDifferences(weights, gradients, loss, length);
  }

  /** Passes if 20 directions through all tensors that {@code moved} accepts agree. */
  public void agreeAlongRandomDirections(Predicate<String> moved) {
    List<String> names = origin.keySet().stream().filter(moved).toList();
    for (int i = 0; i < DIRECTIONS; i++) {
      Map<String, double[]> direction = direction(names, i);
      double exact = along(direction);
      assertThat(exact).as("derivative along direction %d", i).isNotZero();
      assertThat(difference(direction))
          .as("direction %d through %s", i, names)
          .isCloseTo(exact, within(RELATIVE * Math.abs(exact)));
    }
  }

  /** Passes if one direction through each tensor that {@code moved} accepts agrees. */
  public void agreeInEachTensor(Predicate<String> moved) {
    for (String name : origin.keySet()) {
      if (moved.test(name)) {
        Map<String, double[]> direction = direction(List.of(name), name.hashCode());
        double exact = along(direction);
        assertThat(difference(direction))
            .as("direction through %s", name)
            .isCloseTo(exact, within(RELATIVE * Math.abs(exact) + ROUNDING));
      }
    }
  }

  /** Returns the change of the loss per change of one number of {@code name}. */
  public double inNumber(String name, int index) {
    double[] unit = new double[origin.get(name).length];
    unit[index] = 1;
    return difference(Map.of(name, unit));
  }

  private Map<String, double[]> direction(List<String> names, long seed) {
    Random random = new Random(seed);
    Map<String, double[]> direction = new LinkedHashMap<>();
    double squares = 0;
    for (String name : names) {
      double[] numbers = new double[origin.get(name).length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextGaussian();
        squares += numbers[i] * numbers[i];
      }
      direction.put(name, numbers);
    }
    double length = Math.sqrt(squares);
    direction.values().forEach(numbers -> scale(numbers, 1 / length));
    return direction;
  }

  private static void scale(double[] numbers, double factor) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] *= factor;
    }
  }

  private double along(Map<String, double[]> direction) {
    double sum = 0;
    for (Map.Entry<String, double[]> moved : direction.entrySet()) {
      double[] gradient = gradients.doubles(moved.getKey());
      for (int i = 0; i < gradient.length; i++) {
        sum += gradient[i] * moved.getValue()[i];
      }
    }
    return sum;
  }

  private double difference(Map<String, double[]> direction) {
    return (at(direction, step) - at(direction, -step)) / (2 * step);
  }

  private double at(Map<String, double[]> direction, double distance) {
    TrainingTensors moved = TrainingTensors.open(weights.device());
    origin.forEach(
        (name, numbers) -> {
          double[] there = numbers.clone();
          double[] towards = direction.get(name);
          for (int i = 0; towards != null && i < there.length; i++) {
            there[i] += distance * towards[i];
          }
          moved.put(NumberFormat.FLOAT64, name, there, weights.shape(name));
        });
    return loss.at(moved);
  }
}
