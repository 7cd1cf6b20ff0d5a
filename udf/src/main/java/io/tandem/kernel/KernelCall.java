package io.tandem.kernel;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One call of a kernel, without autograd: arguments in order, then one of the run methods.
 *
 * <p>Numbers become native values that live for this call only; tensors and other native values
 * stay the callers'.
 */
final class KernelCall {

  private final PtSymbolBlock module;
  private final String kernel;
  private final List<IValue> arguments = new ArrayList<>();
  private final List<IValue> owned = new ArrayList<>();

  KernelCall(PtSymbolBlock module, String kernel) {
    this.module = module;
    this.kernel = kernel;
  }

  KernelCall with(NativeValue value) {
    arguments.add(value.value());
    return this;
  }

  /** Adds an argument that the caller closes. */
  KernelCall with(IValue value) {
    arguments.add(value);
    return this;
  }

  KernelCall with(long number) {
    return own(IValue.from(number));
  }

  KernelCall with(double number) {
    return own(IValue.from(number));
  }

  KernelCall with(String text) {
    return own(IValue.from(text));
  }

  KernelCall with(long[] numbers) {
    return own(IValue.listFrom(numbers));
  }

  KernelCall with(List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      return own(IValue.listFrom(new PtNDArray[0]));
    }
    return own(IValue.listFrom(tensors.stream().map(NativeValue::value).toArray(IValue[]::new)));
  }

  private KernelCall own(IValue value) {
    arguments.add(value);
    owned.add(value);
    return this;
  }

  /** Runs a kernel that returns a tensor, which {@code scope} adopts. */
  Tensor toTensor(NativeScope scope) {
    return new Tensor(scope, run());
  }

  /** Runs a kernel that returns a list of tensors, which {@code scope} adopts. */
  List<Tensor> toTensors(NativeScope scope) {
    try (IValue result = run()) {
      return Stream.of(result.toIValueArray()).map(value -> new Tensor(scope, value)).toList();
    }
  }

  /** Runs a kernel that returns an int. */
  long toLong() {
    try (IValue result = run()) {
      return result.toLong();
    }
  }

  /** Runs a kernel for what it does to its arguments in place. */
  void toNothing() {
    run().close();
  }

  /**
   * Runs the kernel; the caller closes or adopts the result.
   *
   * <p>libtorch's profiling executor would compile each of the ten scales anew, so it is switched
   * off. The switch is per thread, and threads come and go, so it is set at each call (about 50
   * ns).
   */
  IValue run() {
    KernelGate.enter();
    try {
      JniUtils.setGraphExecutorOptimize(false);
      return IValueUtils.runMethod(module, kernel, arguments.toArray(IValue[]::new));
    } finally {
      KernelGate.leave();
      owned.forEach(IValue::close);
    }
  }
}
