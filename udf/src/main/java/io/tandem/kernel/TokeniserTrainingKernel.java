package io.tandem.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tandem.model.Precision;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * Gradients of a tokeniser's loss ({@code tokeniser_training.py}).
 *
 * <p>B images of side H, l tokens of an image, Z code channels. Gradients are added to those of the
 * state, so that several calls make one step.
 */
@SuppressWarnings("ArrayRecordComponent") // read once by one call, compared by nobody
public final class TokeniserTrainingKernel {

  private TokeniserTrainingKernel() {}

  /**
   * Weights of the parts of the loss.
   *
   * @param squaredError of pixels in [-1, 1]
   * @param absoluteError of pixels in [-1, 1]
   * @param codebook what moves the codes towards the encoder's maps
   * @param commitment what moves the encoder's maps towards the codes
   */
  public record LossWeights(
      double squaredError, double absoluteError, double codebook, double commitment) {

    /** Returns all weights times {@code factor}: those of a part of a batch. */
    public LossWeights times(double factor) {
      return new LossWeights(
          factor * squaredError, factor * absoluteError, factor * codebook, factor * commitment);
    }

    private double[] toArray() {
      return new double[] {squaredError, absoluteError, codebook, commitment};
    }
  }

  /**
   * Images to learn.
   *
   * @param pixels red, green and blue planes of each image, in [-1, 1]
   * @param side height and width
   * @param tokens ids to use in place of the nearest ones, or empty
   */
  public record Images(float[] pixels, int side, long[] tokens) {

    private int count() {
      return pixels.length / (3 * side * side);
    }
  }

  /**
   * What a call computed.
   *
   * @param loss weighted sum of the parts
   * @param parts squared error, absolute error, codebook and commitment loss
   * @param tokens [B, l] ids
   * @param leftOver [B, l, Z] what each token had to stand for
   */
  public record Losses(double loss, double[] parts, long[] tokens, float[] leftOver) {

    /**
     * Returns what several calls computed on the parts of one batch, whose weights were shares: the
     * sum of the losses, and the means over all images of their parts.
     */
    public static Losses joined(List<Losses> calls) {
      int tokens = calls.stream().mapToInt(call -> call.tokens.length).sum();
      int channels = calls.get(0).leftOver.length / calls.get(0).tokens.length;
      double loss = 0;
      double[] parts = new double[calls.get(0).parts.length];
      LongBuffer ids = LongBuffer.allocate(tokens);
      FloatBuffer rows = FloatBuffer.allocate(tokens * channels);
      for (Losses call : calls) {
        loss += call.loss;
        for (int i = 0; i < parts.length; i++) {
          parts[i] += call.parts[i] * call.tokens.length / tokens;
        }
        ids.put(call.tokens);
        rows.put(call.leftOver);
      }
      return new Losses(loss, parts, ids.array(), rows.array());
    }
  }

  /** Adds the gradients of the loss on {@code images}. */
  public static Losses gradients(
      TrainingState state,
      TrainingQuantizer quantizer,
      Images images,
      LossWeights weights,
      Precision precision) {
    int count = images.count();
    Shape pixels = new Shape(count, 3, images.side, images.side);
    Shape tokens = new Shape(count, images.tokens.length / count);
    try (TrainingCall call = new TrainingCall("tokeniser_gradients", state.device())) {
      quantizer.addTo(call.with("w", state.weights()).with("g", state.gradients()));
      call.floats("images", images.pixels, pixels)
          .longs("fixed", images.tokens, tokens)
          .doubles("weights", weights.toArray())
          .number("t", state.weights().productType(precision));
      List<NDArray> results = call.run();
      return new Losses(
          TransformerTrainingKernel.scalar(results.get(0)),
          TransformerTrainingKernel.doubles(results.get(1)),
          results.get(2).toLongArray(),
          floats(results.get(3)));
    }
  }

  /**
   * Puts rows in the places of codes and forgets the moments of these codes.
   *
   * @param codes ids
   * @param rows their new channels, [codes, Z], row-major
   */
  public static void revive(TrainingState state, long[] codes, float[] rows) {
    Shape shape = new Shape(codes.length, rows.length / codes.length);
    try (TrainingCall call = new TrainingCall("revive", state.device())) {
      call.with("w", state.weights()).with("m", state.means()).with("v", state.squares());
      call.longs("codes", codes).floats("rows", rows, shape).run();
    }
  }

  private static float[] floats(NDArray result) {
    try (NDArray narrow = result.toType(DataType.FLOAT32, true)) {
      return narrow.toFloatArray();
    }
  }
}
