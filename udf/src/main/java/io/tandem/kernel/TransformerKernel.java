package io.tandem.kernel;

import io.tandem.model.Precision;
import java.util.List;

/**
 * The VAR transformer on tensors ({@code transformer.py}).
 *
 * <p>B images; R rows, B of them, or 2B with the unconditional halves after the conditional ones; l
 * tokens; Z code channels; V vocabulary. Scopes own what the calls return. Thread-safe: weights are
 * only read, caches belong to one thread.
 */
public final class TransformerKernel {

  private TransformerKernel() {}

  /**
   * Returns weights without blocks, which {@link #addBlock} adds.
   *
   * @param tensors all but the blocks' by official name, and {@code lvl_1L} int64 [1, L]
   */
  public static TransformerWeights prepare(
      NativeScope scope, TensorsByName tensors, int heads, Precision precision) {
    return new TransformerWeights(
        scope,
        Kernels.call("transformer").with(tensors).with(heads).with(precision.scalarType()).run());
  }

  /**
   * Adds the next block to {@code weights}.
   *
   * @param tensors the block's by official name, without the prefix {@code blocks.N.}
   */
  public static void addBlock(TransformerWeights weights, TensorsByName tensors) {
    Kernels.call("transformer_block").with(weights).with(tensors).toNothing();
  }

  /** Returns the condition of {@code labels}, one row each. */
  public static ClassCondition condition(
      NativeScope scope, TransformerWeights weights, long[] labels) {
    try (Tensor tensor = scope.longs(labels, labels.length)) {
      return new ClassCondition(
          scope, Kernels.call("condition").with(weights).with(tensor).run(), labels.length);
    }
  }

  /** Returns {@code rows} rows of {@code condition} from {@code first} on, sharing its memory. */
  public static ClassCondition rows(
      NativeScope scope, ClassCondition condition, int first, int rows) {
    return new ClassCondition(
        scope, Kernels.call("condition_rows").with(condition).with(first).with(rows).run(), rows);
  }

  /** Returns a zeroed cache of {@code rows} rows and {@code slots} tokens. */
  public static KvCache cache(NativeScope scope, TransformerWeights weights, int rows, int slots) {
    return new KvCache(
        scope, Kernels.call("cache").with(weights).with(rows).with(slots).run(), rows);
  }

  /** Returns a cache of {@code rows} rows that starts with a copy of those of {@code cache}. */
  public static KvCache resized(NativeScope scope, KvCache cache, int rows) {
    return new KvCache(scope, Kernels.call("cache_resized").with(cache).with(rows).run(), rows);
  }

  /** Returns {@code rows} rows of {@code cache} from {@code first} on, sharing its memory. */
  public static KvCache rows(NativeScope scope, KvCache cache, int first, int rows) {
    return new KvCache(
        scope, Kernels.call("cache_rows").with(cache).with(first).with(rows).run(), rows);
  }

  /**
   * What a step works on.
   *
   * @param weights the model
   * @param condition R rows
   * @param cache R rows, written in place
   */
  public record Operands(TransformerWeights weights, ClassCondition condition, KvCache cache) {}

  /**
   * Which tokens a step adds.
   *
   * @param start how many tokens precede them
   * @param kept how many of them, first ones first, go into the cache
   */
  public record Span(int start, int kept) {}

  /**
   * Returns the logits of one scale, float32 [B, l, V].
   *
   * @param maps inputs of the scale, float32 [B, l, Z]; empty for the first scale
   * @param guidance strength; used where R is 2B
   */
  public static Tensor step(
      NativeScope scope,
      Operands operands,
      List<Tensor> maps,
      Span span,
      int images,
      double guidance) {
    return on(Kernels.call("step"), operands)
        .with(maps)
        .with(span.start())
        .with(span.kept())
        .with(images)
        .with(guidance)
        .toTensor(scope);
  }

  /**
   * Fills the cache with scales whose tokens are known.
   *
   * @param maps inputs of these scales, float32 [B, l, Z] each; none for the first scale
   * @param start how many tokens precede them
   * @param ends where each scale ends, counted from {@code start}
   */
  public static void prefill(Operands operands, List<Tensor> maps, int start, long[] ends) {
    on(Kernels.call("prefill"), operands).with(maps).with(start).with(ends).toNothing();
  }

  /**
   * Returns the logits of all tokens without guidance, float32 [R, L, V].
   *
   * @param maps inputs of all scales but the first, float32 [R, l, Z] each
   * @param ends where each scale ends
   */
  public static Tensor teacherForcing(
      NativeScope scope,
      TransformerWeights weights,
      ClassCondition condition,
      List<Tensor> maps,
      long[] ends) {
    return Kernels.call("teacher_forcing")
        .with(weights)
        .with(condition)
        .with(maps)
        .with(ends)
        .toTensor(scope);
  }

  private static KernelCall on(KernelCall call, Operands operands) {
    return call.with(operands.weights()).with(operands.condition()).with(operands.cache());
  }
}
