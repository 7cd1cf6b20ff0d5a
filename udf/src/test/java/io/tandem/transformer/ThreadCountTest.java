package io.tandem.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.weights.RandomVarWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No result may depend on how many threads compute it. */
class ThreadCountTest {

  private int threadsBefore;

  @BeforeEach
  void rememberThreads() {
    LibTorch.start();
    threadsBefore = LibTorch.threads();
  }

  @AfterEach
  void restoreThreads() {
    LibTorch.useThreads(threadsBefore);
  }

  @ParameterizedTest(name = "{0}, batch {1}")
  @CsvSource({"FP32, 1", "FP32, 3", "FP32, 4", "BF16, 1", "BF16, 3", "BF16, 4"})
  void oneAndTwoThreadsGiveTheSameBits(Precision precision, int images) {
    VarConfig config = VarConfig.ofDepth(4);
    try (VarTransformer model =
        VarTransformer.load(RandomVarWeights.of(config, 1), precision, DeviceSpec.CPU)) {
      for (int entry : new int[] {0, 5, 8}) {
        LibTorch.useThreads(1);
        List<float[]> one = logits(model, images, entry);
        LibTorch.useThreads(2);
        List<float[]> two = logits(model, images, entry);

        for (int i = 0; i < one.size(); i++) {
          assertThat(Arrays.equals(one.get(i), two.get(i)))
              .as("entry %d, scale %d", entry + 1, entry + i + 1)
              .isTrue();
        }
      }
    }
  }

  /** Returns the logits of all scales from {@code entry} on, after a prefill of those before it. */
  private static List<float[]> logits(VarTransformer model, int images, int entry) {
    ScaleSchedule schedule = model.config().schedule();
    Random random = new Random(3);
    List<float[]> logits = new ArrayList<>();
    try (NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      List<Tensor> inputs = new ArrayList<>();
      for (int scale = 1; scale < schedule.scales(); scale++) {
        float[] numbers = new float[images * schedule.tokens(scale) * 32];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (float) random.nextGaussian();
        }
        inputs.add(batch.floats(numbers, images, schedule.tokens(scale), 32));
      }
      int[] labels = new int[images];
      TransformerState state = model.begin(batch, labels, schedule.scales() - 1, Rows.GUIDED);
      for (int scale = entry; scale < schedule.scales(); scale++) {
        state.prefill(scale, inputs, Rows.GUIDED);
        try (Tensor step = state.step(scale, inputs, 1.5)) {
          logits.add(step.toFloats());
        }
      }
    }
    return logits;
  }
}
