package io.tandem.kernel;

import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Owns native values and frees them together: one scope for the weights of a model, one for each
 * batch.
 *
 * <p>libtorch's values belong to no DJL manager and are never collected, so each one is adopted by
 * a scope when it is made. {@link #liveValues()} counts those of all scopes, which lets tests
 * assert that a batch leaves nothing behind. A scope is used by one thread at a time.
 */
public final class NativeScope implements AutoCloseable {

  private static final AtomicLong LIVE_VALUES = new AtomicLong();

  private final DeviceSpec device;
  private final Set<NativeValue> values = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean closed;

  private NativeScope(DeviceSpec device) {
    this.device = device;
  }

  /** Returns a new scope whose tensors live on {@code device}; the caller closes it. */
  public static NativeScope open(DeviceSpec device) {
    LibTorch.start();
    return new NativeScope(device);
  }

  /** Returns how many native values are alive in all scopes of this JVM. */
  public static long liveValues() {
    return LIVE_VALUES.get();
  }

  /** Returns the device on which this scope makes tensors. */
  public DeviceSpec device() {
    return device;
  }

  /** Returns a float32 tensor with the given numbers in row-major order. */
  public Tensor floats(float[] numbers, long... shape) {
    ByteBuffer buffer = direct(numbers.length * (long) Float.BYTES);
    buffer.asFloatBuffer().put(numbers);
    return Tensor.of(this, buffer, NumberFormat.FLOAT32, shape);
  }

  /** Returns a float64 tensor with the given numbers in row-major order. */
  public Tensor doubles(double[] numbers, long... shape) {
    ByteBuffer buffer = direct(numbers.length * (long) Double.BYTES);
    buffer.asDoubleBuffer().put(numbers);
    return Tensor.of(this, buffer, NumberFormat.FLOAT64, shape);
  }

  /** Returns an int64 tensor with the given numbers in row-major order. */
  public Tensor longs(long[] numbers, long... shape) {
    ByteBuffer buffer = direct(numbers.length * (long) Long.BYTES);
    buffer.asLongBuffer().put(numbers);
    return Tensor.of(this, buffer, NumberFormat.INT64, shape);
  }

  /** Returns an int32 tensor with the given numbers in row-major order. */
  public Tensor ints(int[] numbers, long... shape) {
    ByteBuffer buffer = direct(numbers.length * (long) Integer.BYTES);
    buffer.asIntBuffer().put(numbers);
    return Tensor.of(this, buffer, NumberFormat.INT32, shape);
  }

  /**
   * Returns a tensor with the numbers of {@code data}, little-endian and in row-major order, which
   * are copied; bfloat16 becomes float32.
   */
  public Tensor of(ByteBuffer data, NumberFormat format, long... shape) {
    return Tensor.of(this, data, format, shape);
  }

  void adopt(NativeValue value) {
    if (closed) {
      value.free();
      throw new IllegalStateException("Cannot make a native value: its scope was closed");
    }
    values.add(value);
    LIVE_VALUES.incrementAndGet();
  }

  void release(NativeValue value) {
    values.remove(value);
    LIVE_VALUES.decrementAndGet();
  }

  /** Frees all values of this scope that are still alive. */
  @Override
  public void close() {
    closed = true;
    values.forEach(NativeValue::free);
    LIVE_VALUES.addAndGet(-values.size());
    values.clear();
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }
}
