package io.tandem.model;

import static io.tandem.base.Checks.check;

import java.io.Serializable;

/**
 * A device that tensors live on.
 *
 * @param kind processor or GPU
 * @param index number of the GPU; 0 for the processor
 */
public record DeviceSpec(Kind kind, int index) implements Serializable {

  /** The processor of this machine. */
  public static final DeviceSpec CPU = new DeviceSpec(Kind.CPU, 0);

  /** Kinds of devices. */
  public enum Kind {
    CPU,
    CUDA
  }

  public DeviceSpec {
    check(index >= 0, "Cannot use device index %d (0 or more)", index);
  }

  /** Returns the device that {@code text} names: {@code cpu}, {@code cuda} or {@code cuda:1}. */
  public static DeviceSpec parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    if (text.equals("cuda")) {
      return new DeviceSpec(Kind.CUDA, 0);
    }
    check(
        text.matches("cuda:[0-9]{1,4}"),
        "Cannot use device '%s' (cpu, cuda or cuda:N). Pass --device cpu or --device cuda:0.",
        text);
    return new DeviceSpec(Kind.CUDA, Integer.parseInt(text.substring(5)));
  }

  public boolean isCpu() {
    return kind == Kind.CPU;
  }

  @Override
  public String toString() {
    return isCpu() ? "cpu" : "cuda:" + index;
  }
}
