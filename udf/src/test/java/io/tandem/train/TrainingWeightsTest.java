package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.testing.FeatureFiles;
import io.tandem.testing.TinyModels;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingWeightsTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void loadsNumbersOfAnyFormat(NumberFormat stored) {
    FeatureConfig config = new FeatureConfig(3, 8);
    Map<String, float[]> numbers = FeatureFiles.weights(config, 1);
    Path file = folder.resolve("f.safetensors");
    FeatureFiles.write(file, config, numbers, stored);
    for (NumberFormat format : new NumberFormat[] {NumberFormat.FLOAT32, NumberFormat.FLOAT64}) {
      try (WeightSource source = WeightFiles.open(file.toString());
          TrainingTensors weights =
              TrainingWeights.load(source, name -> true, format, DeviceSpec.CPU)) {
        assertThat(weights.names()).containsExactlyElementsOf(source.names());
        for (String name : weights.names()) {
          double[] expected = new double[numbers.get(name).length];
          for (int i = 0; i < expected.length; i++) {
            expected[i] = numbers.get(name)[i];
          }
          assertThat(weights.doubles(name)).as(name).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void leavesOutIntegersAndWhatIsNotAskedFor() {
    try (WeightSource source = RandomVarWeights.of(TinyModels.transformer(1, AdaLn.PER_BLOCK), 1);
        TrainingTensors all =
            TrainingWeights.load(source, name -> true, NumberFormat.FLOAT32, DeviceSpec.CPU);
        TrainingTensors some =
            TrainingWeights.load(
                source, name -> name.startsWith("head."), NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      assertThat(source.names()).contains("lvl_1L");
      assertThat(all.names()).doesNotContain("lvl_1L").hasSize(source.names().size() - 1);
      assertThat(some.names()).containsExactly("head.weight", "head.bias");
    }
  }
}
