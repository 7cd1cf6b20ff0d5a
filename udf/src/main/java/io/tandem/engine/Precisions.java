package io.tandem.engine;

import io.tandem.base.UserError;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which precisions are worth using on a device, by measured product rates.
 *
 * @param chosen what {@code auto} means there
 * @param reason why, in words
 * @param rates FLOP per second of products on a processor; empty on a GPU, where nothing is
 *     measured
 */
public record Precisions(Precision chosen, String reason, Map<Precision, Double> rates) {

  /** How much faster than float32 products bfloat16 ones must be on a processor. */
  private static final double WORTH_IT = 1.3;

  /** Large enough for a stable rate; a slow float16 product of this side takes about 0.1 s. */
  private static final int PROBE_SIDE = 512;

  private static final int ROUNDS = 3;

  /** Ampere. */
  private static final int FIRST_CAPABILITY_WITH_BFLOAT16 = 80;

  public Precisions {
    rates = Map.copyOf(rates);
  }

  /**
   * Returns the precisions of {@code device}; on a processor this measures for about two seconds.
   */
  public static Precisions probe(DeviceSpec device) {
    if (!device.isCpu()) {
      return ofGpu(device);
    }
    return ofProcessor(rates(Precision.FP32, Precision.BF16, Precision.FP16));
  }

  private static Precisions ofProcessor(Map<Precision, Double> rates) {
    double gain = rates.get(Precision.BF16) / rates.get(Precision.FP32);
    boolean worthIt = gain >= WORTH_IT;
    String reason =
        String.format(
            Locale.ROOT,
            "bf16 products run at %.2f times the fp32 rate (%.0f against %.0f GFLOP/s; from %.1f on bf16 is used)",
            gain,
            rates.get(Precision.BF16) / 1e9,
            rates.get(Precision.FP32) / 1e9,
            WORTH_IT);
    return new Precisions(worthIt ? Precision.BF16 : Precision.FP32, reason, rates);
  }

  /** Measures in turn and keeps the best, so that a busy moment does not favour one precision. */
  private static Map<Precision, Double> rates(Precision... precisions) {
    Map<Precision, Double> rates = new EnumMap<>(Precision.class);
    for (int round = 0; round < ROUNDS; round++) {
      for (Precision precision : precisions) {
        rates.merge(
            precision, ProductRate.measure(DeviceSpec.CPU, precision, PROBE_SIDE), Math::max);
      }
    }
    return rates;
  }

  private static Precisions ofGpu(DeviceSpec device) {
    int capability = LibTorch.computeCapability(device);
    boolean bfloat16 = capability >= FIRST_CAPABILITY_WITH_BFLOAT16;
    String reason =
        String.format(
            Locale.ROOT,
            "%s has compute capability %.1f (bf16 from %.1f on, else fp16)",
            device,
            capability / 10.0,
            FIRST_CAPABILITY_WITH_BFLOAT16 / 10.0);
    return new Precisions(bfloat16 ? Precision.BF16 : Precision.FP16, reason, Map.of());
  }

  /**
   * Returns {@code wanted}, or what {@code auto} means when it is {@code "auto"}.
   *
   * @throws UserError if the name is unknown, or names float16 on a processor that multiplies it
   *     slower than float32
   */
  public static Precision resolve(String wanted, DeviceSpec device) {
    return switch (wanted) {
      case "auto" ->
          (device.isCpu() ? ofProcessor(rates(Precision.FP32, Precision.BF16)) : ofGpu(device))
              .chosen();
      case "fp32" -> Precision.FP32;
      case "bf16" -> Precision.BF16;
      case "fp16" -> device.isCpu() ? fp16OnProcessor() : Precision.FP16;
      default ->
          throw UserError.of(
              "Cannot use precision '%s' (fp32, bf16, fp16 or auto). Pass --precision auto.",
              wanted);
    };
  }

  private static Precision fp16OnProcessor() {
    Map<Precision, Double> rates = rates(Precision.FP32, Precision.FP16);
    double half = rates.get(Precision.FP16);
    double full = rates.get(Precision.FP32);
    if (half < full) {
      throw UserError.of(
          "Cannot use precision fp16 on this processor: its fp16 products run at %.1f GFLOP/s"
              + " (fp32: %.1f GFLOP/s). Pass --precision auto.",
          half / 1e9, full / 1e9);
    }
    return Precision.FP16;
  }
}
