package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.dataset.ShapeImages;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.VarConfig;
import io.tandem.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Runs of tiny models on forty pictures of shapes. */
final class TinyRuns {

  static final int BATCH = 4;

  static final LossWeights LOSSES = new LossWeights(1, 0.2, 1, 0.25);

  private static final long SEED = 11;

  private TinyRuns() {}

  static ShapeImages images() {
    return ShapeImages.of(3, TinyModels.PICTURE_SIDE, 40);
  }

  static Pace pace(long steps) {
    return new Pace(steps, BATCH, new LearningRate(3e-3, 2, 0.1), 0.05, SEED);
  }

  /** The same in parts of three images and one. */
  static Pace inParts(long steps) {
    return new Pace(steps, BATCH, new LearningRate(3e-3, 2, 0.1), 0.05, SEED, 3);
  }

  /** Passes if two states have the same gradients but for rounding. */
  static void assertSameGradients(TrainingTask actual, TrainingTask expected) {
    for (String name : expected.state().gradients().names()) {
      double[] gradient = expected.state().gradients().doubles(name);
      double size = Arrays.stream(gradient).map(Math::abs).max().orElse(0);
      // float32, in two orders of sums
      assertThat(actual.state().gradients().doubles(name))
          .as(name)
          .containsExactly(gradient, within(1e-4 * size + 1e-8));
    }
  }

  /** Tokens that say something about a picture: those of a tokeniser of random weights. */
  static TokenSet tokens(Path folder) {
    return TokenSet.of(
        images(),
        pictures -> {
          List<long[]> maps = new ArrayList<>();
          for (int scale = 0; scale < TinyModels.SCHEDULE.scales(); scale++) {
            int size = TinyModels.SCHEDULE.tokens(scale);
            long[] map = new long[pictures.size() * size];
            for (int i = 0; i < map.length; i++) {
              byte[] rgb = pictures.get(i / size).rgb();
              map[i] = (rgb[i % size * 7] & 0xff) % TinyModels.VOCABULARY;
            }
            maps.add(map);
          }
          return maps;
        },
        "of the colours",
        TinyModels.SCHEDULE,
        folder.resolve("tokens.npz"));
  }

  static TransformerTraining transformer(long steps, TokenSet tokens, FrozenQuantizer quantizer) {
    VarConfig config = TinyModels.transformer(2, AdaLn.SHARED);
    return new TransformerTraining(
        new TransformerTraining.Settings(
            "var", config, Objective.all(4), pace(steps), 0.1, Precision.FP32),
        new TransformerTraining.Models(
            "nothing",
            InitialWeights.transformer(config, SEED, DeviceSpec.CPU),
            quantizer,
            Optional.empty()),
        tokens);
  }

  static TokeniserTraining tokeniser(long steps) {
    return tokeniser(pace(steps));
  }

  static TokeniserTraining tokeniser(Pace pace) {
    return new TokeniserTraining(
        new TokeniserTraining.Settings(
            TinyModels.TOKENISER, TinyModels.SCHEDULE, pace, LOSSES, Precision.FP32),
        images(),
        DeviceSpec.CPU);
  }

  static FeatureTraining features(long steps) {
    return new FeatureTraining(
        new FeatureTraining.Settings(new FeatureConfig(10, 16), pace(steps)),
        images(),
        DeviceSpec.CPU);
  }

  static FrozenQuantizer quantizer() {
    return TinyModels.quantizer(NumberFormat.FLOAT32);
  }

  /** Keeps the rows that were flushed. */
  static final class Rows implements TrainingLog {

    final List<TrainingRow> kept = new ArrayList<>();
    final List<TrainingRow> pending = new ArrayList<>();

    @Override
    public void add(TrainingRow row) {
      pending.add(row);
    }

    @Override
    public void flush() {
      kept.addAll(pending);
      pending.clear();
    }

    long[] steps() {
      return kept.stream().mapToLong(TrainingRow::step).toArray();
    }
  }

  /** Returns all numbers of a run's state, tensor by tensor. */
  static List<double[]> state(TrainingTask task) {
    List<double[]> numbers = new ArrayList<>();
    for (String name : task.state().weights().names()) {
      numbers.add(task.state().weights().doubles(name));
      numbers.add(task.state().means().doubles(name));
      numbers.add(task.state().squares().doubles(name));
    }
    task.memory().values().forEach(floats -> numbers.add(doubles(floats)));
    return numbers;
  }

  private static double[] doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    Arrays.setAll(doubles, i -> floats[i]);
    return doubles;
  }
}
