package io.tandem.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tensors by name that training kernels read and change in place: weights, gradients, moments.
 *
 * <p>Unlike a {@link Tensor} they may enter a call with autograd. They keep the order in which they
 * were added; so does a list of them in a call, but not a dictionary. Used by one thread at a time;
 * the caller closes them.
 */
public final class TrainingTensors implements AutoCloseable {

  private static final long FLOAT64_TYPE = 7;

  private final DeviceSpec device;
  private final NDManager manager;
  private final Map<String, NDArray> byName = new LinkedHashMap<>();

  private TrainingTensors(DeviceSpec device) {
    this.device = device;
    this.manager = NDManager.newBaseManager(LibTorch.djlDevice(device), "PyTorch");
  }

  /** Returns an empty collection of tensors that live on {@code device}. */
  public static TrainingTensors open(DeviceSpec device) {
    LibTorch.start();
    return new TrainingTensors(device);
  }

  /** Adds a float32 tensor with a copy of {@code numbers}, row-major. */
  public void put(String name, float[] numbers, long... shape) {
    add(name, manager.create(numbers, new Shape(shape)));
  }

  /** Adds a FLOAT32 or FLOAT64 tensor with a copy of {@code numbers}, row-major. */
  public void put(NumberFormat format, String name, double[] numbers, long... shape) {
    try (NDArray wide = manager.create(numbers, new Shape(shape))) {
      add(name, wide.toType(djlType(format), true));
    }
  }

  private static DataType djlType(NumberFormat format) {
    return switch (format) {
      case FLOAT32 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
      default -> throw new IllegalArgumentException("Cannot train with numbers of " + format);
    };
  }

  private void add(String name, NDArray borrowed) {
    // DJL may let the tensor share memory with a buffer of Java.
    try (borrowed) {
      if (byName.put(name, borrowed.duplicate()) != null) {
        throw new IllegalArgumentException("Cannot add tensor '" + name + "' twice");
      }
    }
  }

  /** Gives a float32 tensor other numbers, as many as it has, row-major. */
  public void replace(String name, float[] numbers) {
    try (NDArray borrowed = manager.create(numbers, array(name).getShape())) {
      borrowed.copyTo(array(name));
    }
  }

  /** Sets all numbers to zero. */
  public void clear() {
    for (NDArray array : byName.values()) {
      array.set(new NDIndex("..."), 0);
    }
  }

  /** Returns tensors of the same names, shapes and formats with zeros; the caller closes them. */
  public TrainingTensors zeros() {
    TrainingTensors zeros = open(device);
    byName.forEach(
        (name, array) ->
            zeros.byName.put(name, zeros.manager.zeros(array.getShape(), array.getDataType())));
    return zeros;
  }

  /** Returns the names in their order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  /** Returns the lengths of the axes of a tensor. */
  public long[] shape(String name) {
    return array(name).getShape().getShape();
  }

  /** Returns the numbers of a float32 tensor as a direct little-endian buffer, row-major. */
  public ByteBuffer read(String name) {
    NDArray array = array(name);
    if (array.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException("Cannot read '" + name + "': it is no float32 tensor");
    }
    float[] numbers = array.toFloatArray();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact((long) numbers.length * Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes;
  }

  /** Returns the numbers of a tensor of any floating format, row-major. */
  public double[] doubles(String name) {
    try (NDArray wide = array(name).toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }

  /** Returns the device on which the tensors live. */
  public DeviceSpec device() {
    return device;
  }

  /** Returns libtorch's number for the type of products: float64 weights have no other. */
  long productType(Precision precision) {
    boolean wide = byName.values().stream().anyMatch(a -> a.getDataType() == DataType.FLOAT64);
    return wide ? FLOAT64_TYPE : precision.scalarType();
  }

  Map<String, NDArray> arrays() {
    return byName;
  }

  private NDArray array(String name) {
    NDArray array = byName.get(name);
    if (array == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' among " + byName.keySet());
    }
    return array;
  }

  /** Frees the tensors. */
  @Override
  public void close() {
    manager.close();
  }
}
