package io.tandem.testing;

import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Feature networks with random weights that bfloat16 holds exactly. */
public final class FeatureFiles {

  private FeatureFiles() {}

  /** Returns weights by name; maps keep about the size of their input. */
  public static Map<String, float[]> weights(FeatureConfig config, long seed) {
    Random random = new Random(seed);
    Map<String, float[]> weights = new LinkedHashMap<>();
    WeightNames.features(config)
        .forEach(
            (name, shape) -> {
              long all = shape.stream().reduce(1L, (a, b) -> a * b);
              double deviation = shape.size() > 1 ? Math.sqrt(2.0 * shape.get(0) / all) : 0.3;
              double mean = name.endsWith("norm.weight") ? 1 : 0;
              float[] numbers = new float[Math.toIntExact(all)];
              for (int i = 0; i < numbers.length; i++) {
                float number = (float) (mean + deviation * random.nextGaussian());
                numbers[i] = Float.intBitsToFloat(Float.floatToIntBits(number) & 0xffff0000);
              }
              weights.put(name, numbers);
            });
    return weights;
  }

  /** Writes {@code weights} to a safetensors file, as float32 or bfloat16. */
  public static void write(
      Path file, FeatureConfig config, Map<String, float[]> weights, NumberFormat format) {
    List<TensorSpec> specs =
        WeightNames.features(config).entrySet().stream()
            .map(entry -> new TensorSpec(entry.getKey(), format, entry.getValue()))
            .toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      for (TensorSpec spec : specs) {
        ByteBuffer numbers = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : weights.get(spec.name())) {
          if (format == NumberFormat.BFLOAT16) {
            numbers.putShort((short) (Float.floatToIntBits(number) >> 16));
          } else {
            numbers.putFloat(number);
          }
        }
        writer.write(numbers.flip());
      }
      writer.finish();
    }
  }
}
