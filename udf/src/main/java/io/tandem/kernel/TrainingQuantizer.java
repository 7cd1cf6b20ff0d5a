package io.tandem.kernel;

import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import java.util.List;

/**
 * What all training needs of a quantiser's geometry: resizing matrices of each scale, and which
 * residual convolution serves it. Used by one thread at a time; the caller closes it.
 */
public final class TrainingQuantizer implements AutoCloseable {

  private final TrainingTensors ups;
  private final TrainingTensors downs;
  private final long[] convolutions;

  /**
   * One scale.
   *
   * @param side side of the token map
   * @param up bicubic resizing [S, side], row-major, to the side S of the feature map
   * @param down area resizing [side, S], row-major
   * @param convolution index of the residual convolution
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  public record Scale(int side, double[] up, double[] down, int convolution) {}

  /**
   * Makes the geometry.
   *
   * @param format FLOAT32 or FLOAT64: that of the weights that it is used with
   */
  public TrainingQuantizer(DeviceSpec device, List<Scale> scales, NumberFormat format) {
    ups = TrainingTensors.open(device);
    downs = TrainingTensors.open(device);
    long finest = scales.get(scales.size() - 1).side;
    for (Scale scale : scales) {
      String name = Integer.toString(scale.side);
      ups.put(format, name, scale.up, finest, scale.side);
      downs.put(format, name, scale.down, scale.side, finest);
    }
    convolutions = scales.stream().mapToLong(Scale::convolution).toArray();
  }

  TrainingCall addTo(TrainingCall call) {
    return call.withList("ups", ups).withList("downs", downs).longs("convolutions", convolutions);
  }

  @Override
  public void close() {
    ups.close();
    downs.close();
  }
}
