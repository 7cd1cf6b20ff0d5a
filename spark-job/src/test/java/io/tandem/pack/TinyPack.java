package io.tandem.pack;

import io.tandem.model.AdaLn;
import io.tandem.model.FeatureConfig;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.RandomVqWeights;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Packs of tiny models with random weights: images of 16 x 16 pixels in four scales. */
public final class TinyPack {

  static final VqConfig TOKENISER = new VqConfig(32, List.of(1, 1, 1), 1, 32, 8, 4);
  static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 3, 4));
  static final LatentSpace LATENT = new LatentSpace(32, 8, SCHEDULE);

  private TinyPack() {}

  /** Writes all that a pack may have. */
  static void writeAll(Path folder) {
    writeLeast(folder);
    write(folder, "refiner", RandomVarWeights.of(config(1, LATENT), 2));
    write(folder, "drafter-n2", RandomVarWeights.of(config(2, LATENT), 3));
    write(folder, "refiner-n2", RandomVarWeights.of(config(1, LATENT), 4));
    write(folder, "drafter-control", RandomVarWeights.of(config(2, LATENT), 5));
    write(folder, "refiner-control", RandomVarWeights.of(config(1, LATENT), 6));
    write(folder, "refiner-last3", RandomVarWeights.of(config(1, LATENT), 7));
  }

  /** Writes tokeniser, feature network and drafter. */
  public static void writeLeast(Path folder) {
    write(folder, "tokeniser", RandomVqWeights.of(TOKENISER, 1));
    writeFeatures(folder);
    write(folder, "drafter", RandomVarWeights.of(config(2, LATENT), 1));
  }

  static VarConfig config(int depth, LatentSpace latent) {
    return new VarConfig(depth, 32, 2, 10, AdaLn.SHARED, latent);
  }

  static void write(Path folder, String name, WeightSource source) {
    List<TensorSpec> specs = source.names().stream().map(source::spec).toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file(folder, name), specs, Map.of())) {
      specs.forEach(spec -> writer.write(source.read(spec.name())));
      writer.finish();
    }
  }

  private static void writeFeatures(Path folder) {
    Random random = new Random(9);
    List<TensorSpec> specs =
        WeightNames.features(FeatureConfig.DEMO).entrySet().stream()
            .map(entry -> new TensorSpec(entry.getKey(), NumberFormat.FLOAT32, entry.getValue()))
            .toList();
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(file(folder, "features"), specs, Map.of())) {
      for (TensorSpec spec : specs) {
        ByteBuffer numbers = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        boolean isMatrix = spec.shape().size() > 1;
        double deviation = isMatrix ? Math.sqrt(2.0 * spec.shape().get(0) / spec.numbers()) : 0.3;
        double mean = spec.name().endsWith("norm.weight") ? 1 : 0;
        while (numbers.hasRemaining()) {
          numbers.putFloat((float) (mean + deviation * random.nextGaussian()));
        }
        writer.write(numbers.flip());
      }
      writer.finish();
    }
  }

  static Path file(Path folder, String name) {
    return folder.resolve(name + ".safetensors");
  }
}
