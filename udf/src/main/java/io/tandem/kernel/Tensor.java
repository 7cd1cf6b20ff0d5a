package io.tandem.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.tandem.model.NumberFormat;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  /** Returns the numbers of a float64 tensor in row-major order, copied to the heap. */
  public double[] toDoubles() {
    return read(NDArray::toDoubleArray);
  }

  /** Returns the numbers of an int64 tensor in row-major order, copied to the heap. */
  public long[] toLongs() {
    return read(NDArray::toLongArray);
  }

  /** Returns the numbers of a uint8 tensor in row-major order, copied to the heap. */
  public byte[] toBytes() {
    return read(
        array -> {
          ByteBuffer buffer = array.toByteBuffer();
          byte[] bytes = new byte[buffer.remaining()];
          buffer.get(bytes);
          return bytes;
        });
  }

  /** Returns a copy, on the device of {@code scope}, which owns it. */
  public Tensor copy(NativeScope scope) {
    return Kernels.call("copied").with(this).with(scope.device().toString()).toTensor(scope);
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
   * Returns a tensor with the numbers of {@code data}, copied; bfloat16, which DJL cannot name,
   * becomes float32.
   *
   * <p>DJL may let a tensor share memory with a direct buffer, which the collector frees behind the
   * tensor's back; the copy happens while the buffer is still reachable.
   */
  static Tensor of(NativeScope scope, ByteBuffer data, NumberFormat format, long... shape) {
    ByteBuffer numbers = format == NumberFormat.BFLOAT16 ? widened(data) : data;
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        PtNDArray array = (PtNDArray) manager.create(numbers, new Shape(shape), djlType(format));
        IValue borrowed = IValue.from(array)) {
      return Kernels.call("copied").with(borrowed).with(scope.device().toString()).toTensor(scope);
    } finally {
      Reference.reachabilityFence(numbers);
    }
  }

  /** A bfloat16 number is the upper half of a float32. */
  private static ByteBuffer widened(ByteBuffer data) {
    ByteBuffer wide =
        ByteBuffer.allocateDirect(2 * data.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer narrow = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (narrow.hasRemaining()) {
      wide.putInt(narrow.getShort() << 16);
    }
    return wide.flip();
  }

  private static DataType djlType(NumberFormat format) {
    return switch (format) {
      case UINT8 -> DataType.UINT8;
      case INT32 -> DataType.INT32;
      case INT64 -> DataType.INT64;
      case FLOAT16 -> DataType.FLOAT16;
      case FLOAT32, BFLOAT16 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
    };
  }
}
