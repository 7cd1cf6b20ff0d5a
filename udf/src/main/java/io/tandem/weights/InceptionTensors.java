package io.tandem.weights;

import io.tandem.base.Sha256;
import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of another source under canonical names; those that it lacks are all ones.
 *
 * <p>The digest is that of the numbers, so that a network has one digest whatever file it came in.
 */
final class InceptionTensors implements WeightSource {

  /** Goes into the digest: another way to compute it needs another version. */
  private static final String VERSION = "inception tensors 1\n";

  private final WeightSource source;
  private final Map<String, List<Long>> shapes;
  private final Map<String, String> names;
  private String sha256 = "";

  /**
   * Makes a view.
   *
   * @param shapes of all tensors by canonical name, in order
   * @param names in {@code source} by canonical name
   */
  InceptionTensors(WeightSource source, Map<String, List<Long>> shapes, Map<String, String> names) {
    this.source = source;
    this.shapes = shapes;
    this.names = names;
  }

  @Override
  public String origin() {
    return source.origin();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(shapes.keySet());
  }

  @Override
  public TensorSpec spec(String name) {
    List<Long> shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' in '" + origin() + "'");
    }
    String stored = names.get(name);
    NumberFormat format = stored == null ? NumberFormat.FLOAT32 : source.spec(stored).format();
    return new TensorSpec(name, format, shape);
  }

  @Override
  public ByteBuffer read(String name) {
    TensorSpec spec = spec(name);
    return names.containsKey(name) ? source.read(names.get(name)) : ones(spec);
  }

  private static ByteBuffer ones(TensorSpec spec) {
    ByteBuffer ones = ByteBuffer.allocateDirect((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    while (ones.hasRemaining()) {
      ones.putFloat(1);
    }
    return ones.flip();
  }

  @Override
  public long bytes() {
    return source.bytes();
  }

  /** Returns the SHA-256 of the names, formats, shapes and numbers. */
  @Override
  public synchronized String sha256() {
    if (sha256.isEmpty()) {
      MessageDigest digest = Sha256.start();
      digest.update(VERSION.getBytes(StandardCharsets.UTF_8));
      for (String name : shapes.keySet()) {
        TensorSpec spec = spec(name);
        String head = name + " " + spec.format() + " " + spec.shape() + "\n";
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        digest.update(read(name).duplicate());
      }
      sha256 = HexFormat.of().formatHex(digest.digest());
    }
    return sha256;
  }

  @Override
  public void close() {
    source.close();
  }
}
