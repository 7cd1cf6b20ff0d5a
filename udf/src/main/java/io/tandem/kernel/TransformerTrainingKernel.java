package io.tandem.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tandem.model.Precision;
import java.util.List;

/**
 * Gradients of a transformer's losses ({@code transformer_training.py}).
 *
 * <p>B images, l tokens of an image up to the last scale to learn. Gradients are added to those of
 * the state, so that several calls make one step. Losses are in nats per token.
 */
@SuppressWarnings("ArrayRecordComponent") // read once by one call, compared by nobody
public final class TransformerTrainingKernel {

  private TransformerTrainingKernel() {}

  /**
   * One batch under the teacher's prefix.
   *
   * @param tokens ids of at least the scales before {@code end}, image by image
   * @param labels class of each image, or the unconditional label
   * @param first the first scale to learn
   * @param end the scale after the last one to learn
   * @param weights of the scales to learn in the loss
   */
  public record Lesson(long[] tokens, long[] labels, int first, int end, double[] weights) {

    private TrainingCall addTo(TrainingCall call) {
      Shape images = new Shape(labels.length, tokens.length / labels.length);
      return call.longs("tokens", tokens, images)
          .longs("labels", labels)
          .longs("scales", first, end);
    }
  }

  /**
   * The frozen part of a tokeniser: codebook, residual convolutions and geometry.
   *
   * @param weights of the quantiser by official name
   */
  public record FrozenQuantizer(TrainingTensors weights, TrainingQuantizer geometry) {

    private TrainingCall addTo(TrainingCall call) {
      return geometry.addTo(call.with("q", weights));
    }
  }

  /**
   * A teacher.
   *
   * @param weights of a transformer by official name
   * @param direction of the divergence
   * @param temperature by which both models' logits are divided; the loss is multiplied by its
   *     square
   */
  public record Teacher(TrainingTensors weights, Divergence direction, double temperature) {}

  /** Which way round the Kullback-Leibler divergence is taken. */
  public enum Divergence {
    /** KL(teacher || student), as the fragments released with the paper compute it. */
    TEACHER_STUDENT,
    /** KL(student || teacher), as the paper writes it. */
    STUDENT_TEACHER
  }

  /**
   * What a call computed.
   *
   * @param loss over all scales to learn, weighted
   * @param scaleLosses mean over the tokens of each scale to learn, not weighted
   */
  public record Losses(double loss, double[] scaleLosses) {

    private static Losses of(List<NDArray> results) {
      return new Losses(scalar(results.get(0)), doubles(results.get(1)));
    }
  }

  /** Adds the gradients of the cross-entropy with the lesson's tokens. */
  public static Losses crossEntropy(
      TrainingState state, FrozenQuantizer quantizer, Lesson lesson, Precision precision) {
    try (TrainingCall call = new TrainingCall("transformer_gradients", state.device())) {
      call.with("w", state.weights()).with("g", state.gradients());
      quantizer.addTo(call);
      lesson.addTo(call).doubles("weights", lesson.weights);
      return Losses.of(call.number("t", state.weights().productType(precision)).run());
    }
  }

  /** Adds the gradients of the divergence from a teacher, which gets the same labels. */
  public static Losses divergence(
      TrainingState state,
      Teacher teacher,
      FrozenQuantizer quantizer,
      Lesson lesson,
      Precision precision) {
    double[] divergence = {
      teacher.temperature, teacher.direction == Divergence.STUDENT_TEACHER ? 1 : 0
    };
    try (TrainingCall call = new TrainingCall("transformer_distillation", state.device())) {
      call.with("w", state.weights()).with("g", state.gradients());
      call.with("teacher", teacher.weights);
      quantizer.addTo(call);
      lesson.addTo(call).doubles("weights", lesson.weights).doubles("divergence", divergence);
      return Losses.of(call.number("t", state.weights().productType(precision)).run());
    }
  }

  /** Returns the logits of the tokens to learn, [B, tokens to learn, V], row-major. */
  public static double[] logits(
      TrainingTensors weights, FrozenQuantizer quantizer, Lesson lesson, Precision precision) {
    try (TrainingCall call = new TrainingCall("transformer_logits", weights.device())) {
      quantizer.addTo(call.with("w", weights));
      lesson.addTo(call);
      return doubles(call.number("t", weights.productType(precision)).run().get(0));
    }
  }

  static double scalar(NDArray result) {
    return doubles(result)[0];
  }

  static double[] doubles(NDArray result) {
    try (NDArray wide = result.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }
}
