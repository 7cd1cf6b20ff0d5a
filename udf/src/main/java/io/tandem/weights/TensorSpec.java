package io.tandem.weights;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.util.Arrays;
import java.util.List;

/**
 * Name, number format and shape of a stored tensor.
 *
 * @param name name in the checkpoint
 * @param format how each number is stored
 * @param shape sizes, outermost first; empty for a single number
 */
public record TensorSpec(String name, NumberFormat format, List<Long> shape) {

  public TensorSpec {
    shape = List.copyOf(shape);
    for (long size : shape) {
      check(size >= 0, "Cannot use tensor '%s' of shape %s: a size is negative", name, shape);
    }
    bytesOf(name, format, shape);
  }

  /** Returns the specification of a tensor of the given sizes. */
  public static TensorSpec of(String name, NumberFormat format, long... shape) {
    return new TensorSpec(name, format, Arrays.stream(shape).boxed().toList());
  }

  /** Returns the sizes of {@link #shape()} as an array. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Returns how many numbers the tensor has. */
  public long numbers() {
    return bytes() / format.bytes();
  }

  /** Returns the bytes of the numbers. */
  public long bytes() {
    return bytesOf(name, format, shape);
  }

  private static long bytesOf(String name, NumberFormat format, List<Long> shape) {
    try {
      long bytes = format.bytes();
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw UserError.of(
          "Cannot use tensor '%s' of shape %s: it has more than 2^63 bytes", name, shape);
    }
  }
}
