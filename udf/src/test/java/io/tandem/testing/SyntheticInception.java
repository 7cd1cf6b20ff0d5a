package io.tandem.testing;

import io.tandem.model.NumberFormat;
import io.tandem.weights.InceptionCheckpoint;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Inception with weights that a recipe makes: one stream of {@code SplittableRandom(7)} through all
 * tensors in the order of the network, u in [0, 1) each, rounded to float32.
 *
 * <p>Convolutions are {@code (2u - 1) sqrt(6 / inputs)}, gamma and variance {@code 0.5 + u}, beta
 * and mean {@code 0.4u - 0.2}, the classifier {@code (2u - 1) sqrt(6 / 2048)} and {@code 0.4u -
 * 0.2}.
 */
public final class SyntheticInception implements WeightSource {

  private static final SyntheticInception DRAWN = new SyntheticInception(Gamma.DRAWN);

  private enum Gamma {
    DRAWN,
    ONES
  }

  private final Map<String, ByteBuffer> tensors = new LinkedHashMap<>();

  private SyntheticInception(Gamma gamma) {
    SplittableRandom random = new SplittableRandom(7);
    InceptionCheckpoint.shapes()
        .forEach(
            (name, shape) -> {
              boolean isOne = gamma == Gamma.ONES && name.endsWith(".bn.weight");
              tensors.put(name, drawn(random, name, shape, isOne));
            });
  }

  /** Returns the network of the recipe, of which there is one: it has 96 MB. */
  public static SyntheticInception ofTheRecipe() {
    return DRAWN;
  }

  /** Returns a network whose gammas are all 1; they are drawn all the same. */
  public static SyntheticInception withoutGamma() {
    return new SyntheticInception(Gamma.ONES);
  }

  private static ByteBuffer drawn(
      SplittableRandom random, String name, List<Long> shape, boolean isOne) {
    long all = shape.stream().reduce(1L, (a, b) -> a * b);
    ByteBuffer numbers = ByteBuffer.allocateDirect(4 * (int) all).order(ByteOrder.LITTLE_ENDIAN);
    double bound = Math.sqrt(6.0 / ((double) all / shape.get(0)));
    for (long i = 0; i < all; i++) {
      double u = random.nextDouble();
      double number;
      if (name.endsWith("conv.weight") || name.equals("fc.weight")) {
        number = (2 * u - 1) * bound;
      } else if (name.endsWith("bn.weight") || name.endsWith("running_var")) {
        number = 0.5 + u;
      } else {
        number = 0.4 * u - 0.2;
      }
      numbers.putFloat(isOne ? 1 : (float) number);
    }
    return numbers.flip();
  }

  /** Returns number {@code index} of a tensor. */
  public float number(String name, int index) {
    return read(name).getFloat(4 * index);
  }

  @Override
  public String origin() {
    return "synthetic";
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public TensorSpec spec(String name) {
    return new TensorSpec(name, NumberFormat.FLOAT32, InceptionCheckpoint.shapes().get(name));
  }

  @Override
  public ByteBuffer read(String name) {
    return tensors.get(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long bytes() {
    return tensors.values().stream().mapToLong(ByteBuffer::remaining).sum();
  }

  @Override
  public String sha256() {
    return "0".repeat(64);
  }

  @Override
  public void close() {}
}
