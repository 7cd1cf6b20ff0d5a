package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.features.FeatureNetwork;
import io.tandem.features.FeatureRows;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TokeniserTrainingKernel;
import io.tandem.kernel.TokeniserTrainingKernel.Images;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.kernel.TokeniserTrainingKernel.Losses;
import io.tandem.kernel.TrainingQuantizer;
import io.tandem.kernel.TrainingState;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import io.tandem.vq.FeatureMap;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.SafetensorsFile;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.VqCheckpoint;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SingleThread.class)
class TrainedWeightsTest {

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("w.safetensors");
  }

  @Test
  void fullPrecisionComesBackBitForBit() {
    VarConfig config = TinyModels.transformer(2, AdaLn.SHARED);
    try (TrainingTensors weights = InitialWeights.transformer(config, 1, DeviceSpec.CPU)) {
      TrainedWeights.write(
          file(), weights, config, NumberFormat.FLOAT32, Map.of("tandem.seed", "1"));

      try (SafetensorsFile source = SafetensorsFile.open(file().toString());
          TrainingTensors again =
              TrainingWeights.load(source, name -> true, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
        assertThat(source.metadata()).containsExactly(Map.entry("tandem.seed", "1"));
        assertThat(VarCheckpoint.config(source)).isEqualTo(config);
        assertThat(again.names()).containsExactlyElementsOf(weights.names());
        for (String name : weights.names()) {
          assertThat(again.doubles(name)).as(name).isEqualTo(weights.doubles(name));
        }
      }
    }
  }

  @Test
  void halfPrecisionRoundsEachNumber() {
    VarConfig config = TinyModels.transformer(1, AdaLn.PER_BLOCK);
    try (TrainingTensors weights = InitialWeights.transformer(config, 1, DeviceSpec.CPU)) {
      TrainedWeights.write(file(), weights, config, NumberFormat.FLOAT16, Map.of());

      try (WeightSource source = WeightFiles.open(file().toString())) {
        assertThat(VarCheckpoint.config(source)).isEqualTo(config);
        assertThat(source.spec("lvl_1L").format()).isEqualTo(NumberFormat.INT64);
        for (String name : weights.names()) {
          assertThat(source.spec(name).format()).isEqualTo(NumberFormat.FLOAT16);
          ByteBuffer halves = source.read(name).order(ByteOrder.LITTLE_ENDIAN);
          for (double number : weights.doubles(name)) {
            assertThat(halves.getShort()).isEqualTo(HalfFloat.of((float) number));
          }
        }
      }
    }
  }

  /** Absolute and squared error of the decoder that the file holds, and of the one in training. */
  @Test
  void aTokeniserReconstructsAsItDidInTraining() {
    ScaleSchedule schedule = TinyModels.SCHEDULE;
    int side = TinyModels.PICTURE_SIDE;
    long[] indexes = LongStream.range(0, 3).toArray();
    float[] pixels = PixelPlanes.of(TinyRuns.images(), indexes, -1, 1);
    try (TrainingState state = new TrainingState(TinyModels.tokeniser(1, NumberFormat.FLOAT32));
        TrainingQuantizer geometry =
            TrainingWeights.geometry(schedule, 4, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      shrink(state.weights(), "decoder.conv_out.weight");
      Losses losses =
          TokeniserTrainingKernel.gradients(
              state,
              geometry,
              new Images(pixels, side, new long[0]),
              new LossWeights(1, 1, 1, 1),
              Precision.FP32);
      TrainedWeights.write(file(), state.weights(), NumberFormat.FLOAT32, Map.of());

      try (WeightSource source = WeightFiles.open(file().toString());
          Tokenizer tokenizer = Tokenizer.load(source, schedule, Precision.FP32, DeviceSpec.CPU);
          NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
        assertThat(VqCheckpoint.config(source)).isEqualTo(TinyModels.TOKENISER);
        FeatureMap features = tokenizer.newFeatureMap(batch, 3);
        for (int scale = 0; scale < schedule.scales(); scale++) {
          long[] map = new long[3 * schedule.tokens(scale)];
          for (int i = 0; i < map.length; i++) {
            int image = i / schedule.tokens(scale);
            int place = schedule.offset(scale) + i % schedule.tokens(scale);
            map[i] = losses.tokens()[image * schedule.totalTokens() + place];
          }
          features.accumulate(batch.longs(map, 3, schedule.tokens(scale)), scale);
        }
        Tensor decoded = tokenizer.decode(batch, features.value());
        float[] images = decoded.toFloats();
        double squared = 0;
        double absolute = 0;
        for (int i = 0; i < pixels.length; i++) {
          double error = 2 * images[i] - 1 - pixels[i];
          squared += error * error / pixels.length;
          absolute += Math.abs(error) / pixels.length;
        }
        // float32 in two orders of sums
        assertThat(losses.parts()[0]).isCloseTo(squared, within(1e-5));
        assertThat(losses.parts()[1]).isCloseTo(absolute, within(1e-5));
      }
    }
  }

  /** So that no pixel leaves [-1, 1], where decoding clamps and training does not. */
  private static void shrink(TrainingTensors weights, String name) {
    double[] numbers = weights.doubles(name);
    float[] small = new float[numbers.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (float) (numbers[i] / 10);
    }
    weights.replace(name, small);
  }

  @Test
  void aFeatureNetworkTellsClassesAsItDidInTraining() {
    FeatureConfig config = new FeatureConfig(10, 16);
    try (FeatureTraining task = TinyRuns.features(5)) {
      for (int step = 0; step < 5; step++) {
        task.gradients(step);
        task.optimizer().step(task.state(), 3e-3, task.weightDecay(), step + 1);
      }
      TrainedWeights.write(file(), task.state().weights(), NumberFormat.FLOAT32, Map.of());
      StepLoss next = task.gradients(5);

      long[] indexes = TinyRuns.pace(1).examples(new BatchOrder(40, 11), 5);
      List<RgbImage> pictures = Arrays.stream(indexes).mapToObj(TinyRuns.images()::image).toList();
      try (WeightSource source = WeightFiles.open(file().toString());
          FeatureNetwork network = FeatureNetwork.load(source, DeviceSpec.CPU)) {
        assertThat(network.config()).isEqualTo(config);
        FeatureRows rows = network.rows(pictures);
        double loss = 0;
        for (int i = 0; i < indexes.length; i++) {
          loss -= Math.log(rows.probabilities(i)[TinyRuns.images().classId(indexes[i])]) / 4;
        }
        assertThat(next.loss()).isCloseTo(loss, within(1e-5));
      }
    }
  }

  @Test
  void namesAreTheOfficialOnesInTheirOrder() {
    try (TrainingTensors weights =
        InitialWeights.tokeniser(TinyModels.TOKENISER, 1, DeviceSpec.CPU)) {
      TrainedWeights.write(file(), weights, NumberFormat.FLOAT16, Map.of());

      try (WeightSource source = WeightFiles.open(file().toString())) {
        assertThat(source.names())
            .containsExactlyElementsOf(WeightNames.tokeniser(TinyModels.TOKENISER).keySet());
      }
    }
  }
}
