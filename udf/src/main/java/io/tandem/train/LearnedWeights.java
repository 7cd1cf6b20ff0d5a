package io.tandem.train;

import io.tandem.kernel.TrainingTensors;
import io.tandem.model.NumberFormat;
import io.tandem.model.VarConfig;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Weights as they are in the middle of a training, for models that are loaded to look at them.
 *
 * <p>Unlike other sources it is used by the thread that trains alone, and its numbers change with
 * each step. Closing it leaves the weights as they are.
 */
public final class LearnedWeights implements WeightSource {

  private final String origin;
  private final TrainingTensors weights;
  private final Optional<WeightNames.Levels> levels;
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();

  private LearnedWeights(
      String origin, TrainingTensors weights, Optional<WeightNames.Levels> levels) {
    this.origin = origin;
    this.weights = weights;
    this.levels = levels;
    levels.ifPresent(all -> specs.put(all.spec().name(), all.spec()));
    for (String name : weights.names()) {
      specs.put(name, TensorSpec.of(name, NumberFormat.FLOAT32, weights.shape(name)));
    }
  }

  /**
   * Returns the weights of a task.
   *
   * @param transformer its architecture, empty if it is a tokeniser or a feature network
   */
  public static LearnedWeights of(TrainingTask task, Optional<VarConfig> transformer) {
    return new LearnedWeights(
        task.stage() + " in training",
        task.state().weights(),
        transformer.map(config -> WeightNames.levels(config.schedule())));
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(specs.keySet());
  }

  @Override
  public TensorSpec spec(String name) {
    TensorSpec spec = specs.get(name);
    if (spec == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' in " + origin);
    }
    return spec;
  }

  @Override
  public ByteBuffer read(String name) {
    boolean isLevels = levels.isPresent() && levels.get().spec().name().equals(name);
    return isLevels
        ? levels.get().numbers().duplicate().order(ByteOrder.LITTLE_ENDIAN)
        : weights.read(name);
  }

  @Override
  public long bytes() {
    return specs.values().stream().mapToLong(TensorSpec::bytes).sum();
  }

  @Override
  public String sha256() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash weights: every JVM has SHA-256", e);
    }
    for (String name : specs.keySet()) {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update(read(name));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void close() {}
}
