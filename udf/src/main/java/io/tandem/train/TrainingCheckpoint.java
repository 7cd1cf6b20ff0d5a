package io.tandem.train;

import io.tandem.base.UserError;
import io.tandem.kernel.TrainingState;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.NumberFormat;
import io.tandem.weights.SafetensorsFile;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * State of a run on disk: one safetensors file with the weights under their official names, both
 * moments, what else the task keeps, and in its header the step and what the run is.
 *
 * <p>A new state takes the place of the old one in one step, so a killed run finds one or the other
 * whole.
 */
final class TrainingCheckpoint {

  private static final String MEAN = "adam.mean/";
  private static final String SQUARE = "adam.square/";
  private static final String MEMORY = "memory/";
  private static final String STEP = "tandem.step";
  private static final String ELAPSED = "tandem.elapsed_ns";
  private static final String IDENTITY = "tandem.run";

  private final Path file;

  TrainingCheckpoint(Path file) {
    this.file = file;
  }

  /**
   * How far a run is.
   *
   * @param steps steps that were done
   * @param elapsedNanos time that they took
   */
  record Progress(long steps, long elapsedNanos) {}

  /** Writes the state of {@code task} in place of what was there. */
  void write(TrainingTask task, Progress progress) {
    TrainingState state = task.state();
    List<TensorSpec> specs = new ArrayList<>();
    List<ByteBuffer> numbers = new ArrayList<>();
    collect("", state.weights(), specs, numbers);
    collect(MEAN, state.means(), specs, numbers);
    collect(SQUARE, state.squares(), specs, numbers);
    task.memory()
        .forEach(
            (name, floats) -> {
              specs.add(TensorSpec.of(MEMORY + name, NumberFormat.FLOAT32, floats.length));
              numbers.add(bytes(floats));
            });
    Map<String, String> header =
        Map.of(
            STEP,
            Long.toString(progress.steps),
            ELAPSED,
            Long.toString(progress.elapsedNanos),
            IDENTITY,
            task.identity());
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, header)) {
      numbers.forEach(writer::write);
      writer.finish();
    }
  }

  /**
   * Fills the state of {@code task} from the file, if there is one.
   *
   * @return how far the run is; nothing done if there is no file
   * @throws UserError if the file belongs to another run or does not fit
   */
  Progress restore(TrainingTask task) {
    if (!Files.exists(file)) {
      return new Progress(0, 0);
    }
    try (SafetensorsFile source = SafetensorsFile.open(file.toString())) {
      Progress progress = progress(source, task);
      fill("", task.state().weights(), source);
      fill(MEAN, task.state().means(), source);
      fill(SQUARE, task.state().squares(), source);
      task.memory().forEach((name, floats) -> read(source, MEMORY + name, floats));
      return progress;
    }
  }

  /**
   * Returns how far the run is; nothing done if there is no file.
   *
   * @throws UserError if the file belongs to another run
   */
  Progress progress(TrainingTask task) {
    if (!Files.exists(file)) {
      return new Progress(0, 0);
    }
    try (SafetensorsFile source = SafetensorsFile.open(file.toString())) {
      return progress(source, task);
    }
  }

  private Progress progress(SafetensorsFile source, TrainingTask task) {
    String run = source.metadata().getOrDefault(IDENTITY, "no training run");
    if (!run.equals(task.identity())) {
      throw UserError.of(
          "Cannot resume '%s': it is of another run:\n  there: %s\n  here:  %s\n"
              + "Repeat the settings of that run, or choose another folder.",
          file, run, task.identity());
    }
    return new Progress(
        number(source, STEP, task.steps()), number(source, ELAPSED, Long.MAX_VALUE));
  }

  private void fill(String prefix, TrainingTensors tensors, SafetensorsFile source) {
    for (String name : tensors.names()) {
      long length = 1;
      for (long size : tensors.shape(name)) {
        length *= size;
      }
      float[] numbers = new float[Math.toIntExact(length)];
      read(source, prefix + name, numbers);
      tensors.replace(name, numbers);
    }
  }

  private void read(SafetensorsFile source, String name, float[] numbers) {
    boolean fits =
        source.names().contains(name)
            && source.spec(name).format() == NumberFormat.FLOAT32
            && source.spec(name).numbers() == numbers.length;
    if (!fits) {
      throw UserError.of(
          "Cannot resume '%s': tensor '%s' is missing or of another size (%d numbers are needed)."
              + " Remove the file to start anew.",
          file, name, numbers.length);
    }
    source.read(name).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
  }

  private long number(SafetensorsFile source, String key, long largest) {
    String text = source.metadata().getOrDefault(key, "");
    if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > largest) {
      throw UserError.of(
          "Cannot resume '%s': its header says %s '%s' (a number up to %d). Remove the file to start"
              + " anew.",
          file, key, text, largest);
    }
    return Long.parseLong(text);
  }

  private static void collect(
      String prefix, TrainingTensors tensors, List<TensorSpec> specs, List<ByteBuffer> numbers) {
    for (String name : tensors.names()) {
      specs.add(TensorSpec.of(prefix + name, NumberFormat.FLOAT32, tensors.shape(name)));
      numbers.add(tensors.read(name));
    }
  }

  private static ByteBuffer bytes(float[] floats) {
    ByteBuffer bytes =
        ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(floats);
    return bytes;
  }
}
