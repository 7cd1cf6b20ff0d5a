package io.tandem.train;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.NumberFormat;
import io.tandem.model.VarConfig;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes what was learned as a safetensors file with the official names. */
public final class TrainedWeights {

  private TrainedWeights() {}

  /**
   * Writes a tokeniser or a feature network.
   *
   * @param format FLOAT32 or FLOAT16
   * @param header texts for the header
   */
  public static void write(
      Path file, TrainingTensors weights, NumberFormat format, Map<String, String> header) {
    write(file, weights, List.of(), format, header);
  }

  /** Writes a transformer, with the scale of each token, from which the schedule is read. */
  public static void write(
      Path file,
      TrainingTensors weights,
      VarConfig config,
      NumberFormat format,
      Map<String, String> header) {
    write(file, weights, List.of(WeightNames.levels(config.schedule())), format, header);
  }

  private static void write(
      Path file,
      TrainingTensors weights,
      List<WeightNames.Levels> levels,
      NumberFormat format,
      Map<String, String> header) {
    List<TensorSpec> specs = new ArrayList<>();
    List<ByteBuffer> numbers = new ArrayList<>();
    for (WeightNames.Levels level : levels) {
      specs.add(level.spec());
      numbers.add(level.numbers());
    }
    for (String name : weights.names()) {
      specs.add(TensorSpec.of(name, format, weights.shape(name)));
      numbers.add(stored(weights.read(name), format));
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, header)) {
      numbers.forEach(writer::write);
      writer.finish();
    }
  }

  private static ByteBuffer stored(ByteBuffer floats, NumberFormat format) {
    return switch (format) {
      case FLOAT32 -> floats;
      case FLOAT16 -> {
        int count = floats.remaining() / Float.BYTES;
        ByteBuffer halves = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
          halves.putShort(HalfFloat.of(floats.getFloat()));
        }
        yield halves.flip();
      }
      default -> throw new IllegalArgumentException("Cannot store weights as " + format);
    };
  }
}
