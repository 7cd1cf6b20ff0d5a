package io.tandem.weights;

import io.tandem.base.Sha256;
import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Tensors whose numbers are made when they are read, from a seed and nothing else.
 *
 * <p>Number i of a tensor depends on the seed, the tensor's name and i alone: SplitMix64 of a
 * counter (Steele, Lea and Flood, 2014), uniform about a mean.
 */
final class RandomWeights implements WeightSource {

  /** Goes into the digest: another way to make the numbers needs another version. */
  private static final String VERSION = "tandem random weights 1";

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
  private static final float SQRT_12 = (float) Math.sqrt(12);

  /**
   * Distribution of some consecutive numbers of a tensor.
   *
   * @param numbers how many numbers it is for; the last run of a tensor may claim too many
   * @param mean their mean
   * @param deviation their standard deviation
   */
  record Run(long numbers, float mean, float deviation) {}

  /**
   * What a source is about.
   *
   * @param origin name for messages
   * @param config the architecture as text, for the digest
   * @param seed chooses the numbers
   */
  record Recipe(String origin, String config, long seed) {}

  private final Recipe recipe;
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> fixed;
  private final Function<TensorSpec, List<Run>> distribution;

  /**
   * Makes a source.
   *
   * @param shapes shapes by name
   * @param levels contents of int64 tensors by name; all others are float32
   * @param distribution says how the numbers of a tensor are distributed, from the first one on
   */
  RandomWeights(
      Recipe recipe,
      Map<String, List<Long>> shapes,
      Map<String, ByteBuffer> levels,
      Function<TensorSpec, List<Run>> distribution) {
    this.recipe = recipe;
    this.fixed = Map.copyOf(levels);
    this.distribution = distribution;
    shapes.forEach(
        (name, shape) -> {
          NumberFormat format =
              levels.containsKey(name) ? NumberFormat.INT64 : NumberFormat.FLOAT32;
          specs.put(name, new TensorSpec(name, format, shape));
        });
  }

  @Override
  public String origin() {
    return recipe.origin;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(specs.keySet());
  }

  @Override
  public TensorSpec spec(String name) {
    TensorSpec spec = specs.get(name);
    if (spec == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' in '" + origin() + "'");
    }
    return spec;
  }

  @Override
  public ByteBuffer read(String name) {
    TensorSpec spec = spec(name);
    if (fixed.containsKey(name)) {
      return fixed.get(name).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    if (spec.bytes() > Integer.MAX_VALUE) {
      throw Refusal.of(
          origin(),
          "tensor '%s' has %d bytes (less than 2 GiB are supported). Use a smaller model.",
          name,
          spec.bytes());
    }
    ByteBuffer numbers =
        ByteBuffer.allocateDirect((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    int all = (int) spec.numbers();
    int from = 0;
    for (Run run : distribution.apply(spec)) {
      int to = (int) Math.min(all, from + run.numbers);
      fill(numbers, key(name), run, from, to);
      from = to;
    }
    if (from != all) {
      throw new IllegalStateException("No distribution for all numbers of " + spec);
    }
    return numbers;
  }

  @Override
  public long bytes() {
    return specs.values().stream().mapToLong(TensorSpec::bytes).sum();
  }

  @Override
  public String sha256() {
    String text = VERSION + "\n" + recipe.config + "\nseed " + recipe.seed + "\n";
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {}

  /** Mixes the name into the seed: FNV-1a, then the finaliser of SplitMix64. */
  private long key(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return mixed(hash ^ mixed(recipe.seed + GOLDEN_GAMMA));
  }

  private static void fill(ByteBuffer numbers, long key, Run run, int from, int to) {
    float factor = run.deviation * SQRT_12 / (1 << 24);
    float offset = run.mean - run.deviation * SQRT_12 / 2;
    for (int i = from; i < to; i++) {
      long word = mixed(key + i * GOLDEN_GAMMA);
      numbers.putFloat(i * Float.BYTES, (word >>> 40) * factor + offset);
    }
  }

  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
