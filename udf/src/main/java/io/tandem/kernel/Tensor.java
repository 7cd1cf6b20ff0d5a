package io.tandem.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * A handle on a tensor in native memory that was made for inference: it may not enter a training
 * call.
 *
 * <p>Any number format is possible, bfloat16 and packed layouts included, because the handle is
 * opaque to DJL until one of the reading methods is called. Belongs to the {@link NativeScope} it
 * was made in. Reading is thread-safe as long as nobody writes to the tensor in place.
 */
public final class Tensor extends NativeValue {

  Tensor(NativeScope scope, IValue value) {
    super(scope, value);
  }

  /** Returns the numbers of a float32 tensor in row-major order, copied to the heap. */
  public float[] toFloats() {
    return read(NDArray::toFloatArray);
  }

  /** Returns the numbers of an int64 tensor in row-major order, copied to the heap. */
  public long[] toLongs() {
    return read(NDArray::toLongArray);
  }

  /** Returns the numbers of a uint8 tensor in row-major order, copied to the heap. */
  public byte[] toBytes() {
    return read(array -> {
      ByteBuffer buffer = array.toByteBuffer();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    });
  }

  /** Returns the lengths of the axes. Not for bfloat16 tensors, which DJL cannot describe. */
  public long[] shape() {
    return read(array -> array.getShape().getShape());
  }

  private <T> T read(Function<PtNDArray, T> reader) {
    try (NDManager manager = NDManager.newBaseManager();
        PtNDArray array = value().toTensor((PtNDManager) manager)) {
      return reader.apply(array);
    }
  }

  /**
   * Returns a tensor of {@code scalarType} with the numbers of {@code data}, copied.
   *
   * <p>DJL may let a tensor share memory with a direct buffer, which the collector frees behind the
   * tensor's back; the copy happens while the buffer is still reachable. DJL cannot name every number
   * format, so the bytes travel as uint8 and libtorch reads them as {@code scalarType}.
   */
  static Tensor of(NativeScope scope, ByteBuffer data, int scalarType, long... shape) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        PtNDArray bytes =
            (PtNDArray) manager.create(data, new Shape(data.remaining()), DataType.UINT8);
        IValue borrowed = IValue.from(bytes)) {
      return Kernels.call("from_bytes")
          .with(borrowed)
          .with(scalarType)
          .with(shape)
          .with(scope.device().toString())
          .toTensor(scope);
    } finally {
      Reference.reachabilityFence(data);
    }
  }
}
