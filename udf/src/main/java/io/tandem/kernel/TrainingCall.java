package io.tandem.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.tandem.model.DeviceSpec;
import java.util.List;

/**
 * One call of a kernel with autograd: arguments in order, then {@link #run}.
 *
 * <p>DJL passes tensors only, and takes lists and dictionaries from their names. Numbers and
 * results live until the call is closed; {@link TrainingTensors} stay the caller's.
 */
final class TrainingCall implements AutoCloseable {

  private static final String METHOD = "module_method:";

  private final NDManager manager;
  private final NDList arguments = new NDList();

  TrainingCall(String kernel, DeviceSpec device) {
    LibTorch.start();
    manager = NDManager.newBaseManager(LibTorch.djlDevice(device), "PyTorch");
    add(METHOD + kernel, manager.create(0f));
  }

  /** Adds a dictionary. */
  TrainingCall with(String name, TrainingTensors tensors) {
    tensors.arrays().forEach((key, array) -> add(name + "." + key, array));
    return this;
  }

  /** Adds a list of the tensors of {@code tensors}; a list of none needs no call. */
  TrainingCall withList(String name, TrainingTensors tensors) {
    tensors.arrays().values().forEach(array -> add(name + "[]", array));
    return this;
  }

  TrainingCall number(String name, long number) {
    return own(name, manager.create(number));
  }

  /** Adds a float64 vector. */
  TrainingCall doubles(String name, double... numbers) {
    return own(name, manager.create(numbers));
  }

  /** Adds an int64 vector. */
  TrainingCall longs(String name, long... numbers) {
    return own(name, manager.create(numbers, new Shape(numbers.length)));
  }

  TrainingCall longs(String name, long[] numbers, Shape shape) {
    return own(name, manager.create(numbers, shape));
  }

  TrainingCall floats(String name, float[] numbers, Shape shape) {
    return own(name, manager.create(numbers, shape));
  }

  /** The copy shares no memory with Java. */
  private TrainingCall own(String name, NDArray borrowed) {
    try (borrowed) {
      return add(name, borrowed.duplicate());
    }
  }

  private TrainingCall add(String name, NDArray array) {
    array.setName(name);
    arguments.add(array);
    return this;
  }

  /** Runs the kernel. The results live until this call is closed. */
  List<NDArray> run() {
    KernelGate.enter();
    boolean before = JniUtils.isGradMode();
    try {
      JniUtils.setGraphExecutorOptimize(false);
      JniUtils.setGradMode(true);
      NDList results = IValueUtils.forward(Kernels.module(), arguments, true);
      results.attach(manager);
      return results;
    } finally {
      JniUtils.setGradMode(before);
      KernelGate.leave();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
