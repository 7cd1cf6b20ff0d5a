package io.tandem.executor;

import static io.tandem.base.Checks.check;

import io.tandem.model.DeviceSpec;
import java.io.Serializable;

/**
 * Which device a task decodes on.
 *
 * @param kind how it is found
 * @param index number of the GPU if it is fixed, else 0
 */
public record DeviceChoice(Kind kind, int index) implements Serializable {

  /** How a device is found. */
  public enum Kind {
    /** The processor. */
    CPU,
    /** The GPU that Spark gave the task. */
    OF_TASK,
    /** One GPU of every host. */
    FIXED
  }

  /** The processor. */
  public static final DeviceChoice CPU = new DeviceChoice(Kind.CPU, 0);

  /** The GPU that Spark gave the task. */
  public static final DeviceChoice GPU = new DeviceChoice(Kind.OF_TASK, 0);

  public DeviceChoice {
    if (index < 0 || (kind != Kind.FIXED && index != 0)) {
      throw new IllegalArgumentException("Cannot use GPU " + index + " with " + kind);
    }
  }

  /**
   * Returns the choice that {@code text} names: {@code cpu}, {@code gpu}, {@code cuda} or {@code
   * cuda:1}. {@code gpu} is the task's own; {@code cuda} is the first one of the host.
   */
  public static DeviceChoice parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    if (text.equals("gpu")) {
      return GPU;
    }
    check(
        text.matches("cuda(:[0-9]{1,4})?"),
        "Cannot use device '%s' (cpu, gpu, cuda or cuda:N). Pass --device cpu or --device gpu.",
        text);
    return new DeviceChoice(Kind.FIXED, DeviceSpec.parse(text).index());
  }

  @Override
  public String toString() {
    return switch (kind) {
      case CPU -> "cpu";
      case OF_TASK -> "gpu";
      case FIXED -> "cuda:" + index;
    };
  }
}
