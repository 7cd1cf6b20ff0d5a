package io.tandem.executor;

import io.tandem.engine.CodeDigest;
import io.tandem.engine.Machine;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What decides the bits of images, apart from models and settings: within one identity a sample is
 * the same wherever and whenever it is made.
 *
 * @param precision format of products, {@code bf16}
 * @param batchSize images per batch
 * @param threads of a kernel on the processor
 * @param device name of the GPU, or instruction sets of the processor
 * @param libtorch versions of DJL and libtorch
 * @param code digest of the classes and kernels that decode
 */
public record NumericIdentity(
    String precision, int batchSize, int threads, String device, String libtorch, String code)
    implements Serializable {

  /** Returns the identity of decodes by this JVM on {@code device}, which is there. */
  public static NumericIdentity ofThisJvm(
      Precision precision, int batchSize, int threads, DeviceSpec device) {
    return new NumericIdentity(
        precision.name().toLowerCase(Locale.ROOT),
        batchSize,
        threads,
        Machine.kind(device),
        LibTorch.version(),
        CodeDigest.ofThisJvm());
  }

  /** Returns how {@code other} differs, in words; empty if it does not. */
  public List<String> differences(NumericIdentity other) {
    List<String> differences = new ArrayList<>();
    compare(differences, "precision", other.precision, precision);
    compare(differences, "batch size", other.batchSize, batchSize);
    compare(differences, "threads", other.threads, threads);
    compare(differences, "device", other.device, device);
    compare(differences, "libtorch", other.libtorch, libtorch);
    compare(differences, "code", other.code, code);
    return differences;
  }

  private static void compare(List<String> differences, String what, Object found, Object wanted) {
    if (!found.equals(wanted)) {
      differences.add("%s '%s' (the run has '%s')".formatted(what, found, wanted));
    }
  }
}
