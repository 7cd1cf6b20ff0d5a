package io.tandem.train;

import io.tandem.kernel.TrainingQuantizer;
import io.tandem.kernel.TrainingTensors;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.vq.Interpolation;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Turns checkpoints into tensors that training kernels take. The caller closes the results. */
public final class TrainingWeights {

  private static final String QUANTIZER = "quantize.";

  private TrainingWeights() {}

  /**
   * Returns all floating tensors of {@code source} that {@code names} accepts, in its order.
   *
   * @param format FLOAT32, or FLOAT64 to check gradients
   */
  public static TrainingTensors load(
      WeightSource source, Predicate<String> names, NumberFormat format, DeviceSpec device) {
    TrainingTensors tensors = TrainingTensors.open(device);
    try {
      for (String name : source.names()) {
        TensorSpec spec = source.spec(name);
        if (names.test(name) && isFloating(spec.format())) {
          tensors.put(format, name, doubles(source.read(name), spec), spec.sizes());
        }
      }
      return tensors;
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }

  /**
   * Returns codebook and residual convolutions of a tokeniser for transformers that are trained on
   * its tokens.
   */
  public static FrozenQuantizer quantizer(
      WeightSource tokeniser,
      ScaleSchedule schedule,
      int convolutions,
      NumberFormat format,
      DeviceSpec device) {
    return new FrozenQuantizer(
        load(tokeniser, name -> name.startsWith(QUANTIZER), format, device),
        geometry(schedule, convolutions, format, device));
  }

  /** Returns how a quantiser of {@code convolutions} residual convolutions goes through scales. */
  public static TrainingQuantizer geometry(
      ScaleSchedule schedule, int convolutions, NumberFormat format, DeviceSpec device) {
    List<TrainingQuantizer.Scale> scales = new ArrayList<>();
    int finest = schedule.finestSide();
    for (int scale = 0; scale < schedule.scales(); scale++) {
      int side = schedule.side(scale);
      scales.add(
          new TrainingQuantizer.Scale(
              side,
              Interpolation.bicubic(side, finest),
              Interpolation.area(finest, side),
              schedule.residualConvolution(scale, convolutions)));
    }
    return new TrainingQuantizer(device, scales, format);
  }

  private static boolean isFloating(NumberFormat format) {
    return switch (format) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
      case UINT8, INT32, INT64 -> false;
    };
  }

  private static double[] doubles(ByteBuffer numbers, TensorSpec spec) {
    double[] doubles = new double[Math.toIntExact(spec.numbers())];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] =
          switch (spec.format()) {
            case FLOAT16 -> HalfFloat.toFloat(numbers.getShort(2 * i));
            case BFLOAT16 -> Float.intBitsToFloat(numbers.getShort(2 * i) << 16);
            case FLOAT32 -> numbers.getFloat(4 * i);
            case FLOAT64 -> numbers.getDouble(8 * i);
            default -> throw new IllegalArgumentException("No floating tensor: " + spec);
          };
    }
    return doubles;
  }
}
