package io.tandem.testing;

import io.tandem.model.NumberFormat;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/** A weight source with one tensor full of numbers of the test's choice. */
public record ReplacedTensor(WeightSource original, String replaced, float number)
    implements WeightSource {

  public static WeightSource withNaN(WeightSource original, String replaced) {
    return new ReplacedTensor(original, replaced, Float.NaN);
  }

  @Override
  public String origin() {
    return original.origin();
  }

  @Override
  public Set<String> names() {
    return original.names();
  }

  @Override
  public TensorSpec spec(String name) {
    TensorSpec spec = original.spec(name);
    return name.equals(replaced) ? new TensorSpec(name, NumberFormat.FLOAT32, spec.shape()) : spec;
  }

  @Override
  public ByteBuffer read(String name) {
    if (!name.equals(replaced)) {
      return original.read(name);
    }
    int numbers = Math.toIntExact(spec(name).numbers());
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(numbers * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      buffer.putFloat(number);
    }
    return buffer.flip();
  }

  @Override
  public long bytes() {
    return original.bytes();
  }

  @Override
  public String sha256() {
    return original.sha256();
  }

  @Override
  public void close() {
    original.close();
  }
}
