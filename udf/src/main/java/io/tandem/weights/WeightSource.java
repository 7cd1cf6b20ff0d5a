package io.tandem.weights;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors that are read one at a time: a checkpoint file, or a generator of random numbers.
 *
 * <p>All methods may be called from several threads at once. Buffers stay valid after the source is
 * closed.
 */
public interface WeightSource extends AutoCloseable {

  /** Returns where the tensors come from as the user gave it, for messages. */
  String origin();

  /** Returns the names of the tensors in the order of the file. */
  Set<String> names();

  /**
   * Returns format and shape of a tensor.
   *
   * @throws IllegalArgumentException if there is no tensor {@code name}
   */
  TensorSpec spec(String name);

  /**
   * Returns the numbers of a tensor in its stored format: a direct little-endian buffer from
   * position 0 to its limit, row-major. Numbers that lie so in a file are a read-only view of the
   * memory-mapped file, not a copy.
   *
   * @throws IllegalArgumentException if there is no tensor {@code name}
   * @throws io.tandem.base.UserError if the tensor has 2 GiB or more
   */
  ByteBuffer read(String name);

  /** Returns the size of the file, or of all tensors where there is no file. */
  long bytes();

  /**
   * Returns the SHA-256 of the whole file, or of what determines all numbers where there is no
   * file, as 64 lower-case hexadecimal digits. The first call reads the file; it may run in another
   * thread while tensors are read.
   */
  String sha256();

  /** Returns the texts that the file's header carries by key; none where it has no such header. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  void close();
}
