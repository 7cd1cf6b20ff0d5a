package io.tandem.transformer;

import io.tandem.kernel.ClassCondition;
import io.tandem.kernel.KvCache;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TransformerKernel;
import io.tandem.kernel.TransformerKernel.Operands;
import io.tandem.kernel.TransformerKernel.Span;
import io.tandem.model.ScaleSchedule;
import java.util.Arrays;
import java.util.List;

/**
 * What one transformer remembers of one batch: keys and values of the scales it has seen.
 *
 * <p>Rows are the B images and, while guided, their B unconditional halves after them. The two
 * halves count the scales they have seen apart, since guidance may end and begin again. Used by one
 * thread.
 */
public final class TransformerState implements AutoCloseable {

  private final VarTransformer model;
  private final NativeScope batch;
  private final int images;
  private final int lastScale;

  /** Of 2B rows if any scale is guided, else of B. */
  private final ClassCondition condition;

  /** Null before the first step. */
  private KvCache cache;

  private int seenWithLabel;
  private int seenWithoutLabel;

  TransformerState(
      VarTransformer model, NativeScope batch, int[] labels, int lastScale, Rows widest) {
    this.model = model;
    this.batch = batch;
    this.images = labels.length;
    this.lastScale = lastScale;
    long[] rows = new long[widest.of(images)];
    Arrays.fill(rows, model.config().unconditionalLabel());
    for (int i = 0; i < images; i++) {
      rows[i] = labels[i];
    }
    this.condition = TransformerKernel.condition(batch, model.weights(), rows);
  }

  /**
   * Makes room for {@code rows} and catches up on the scales before {@code scale} that this
   * transformer has not seen, in one pass per half that missed them.
   *
   * @param inputs what each scale starts from, float32 [B, l, Z] at index {@code scale - 1}
   * @return this state
   */
  public TransformerState prefill(int scale, List<Tensor> inputs, Rows rows) {
    if (scale < seenWithLabel || scale > lastScale) {
      throw new IllegalStateException(
          "Cannot catch up to scale %d: %d scales were seen, and the last is %d"
              .formatted(scale, seenWithLabel, lastScale));
    }
    provide(rows);
    int missedWithLabel = seenWithLabel;
    int missedWithoutLabel = seenWithoutLabel;
    if (rows == Rows.LABEL_ONLY) {
      fill(0, images, missedWithLabel, scale, inputs);
    } else if (missedWithLabel == missedWithoutLabel) {
      fill(0, rows.of(images), missedWithLabel, scale, inputs);
    } else {
      fill(0, images, missedWithLabel, scale, inputs);
      fill(images, images, missedWithoutLabel, scale, inputs);
    }
    seenWithLabel = scale;
    seenWithoutLabel = rows == Rows.GUIDED ? scale : 0;
    return this;
  }

  /** Returns how many tokens per image {@link #prefill} would catch up on. */
  public int missed(int scale, Rows rows) {
    int seen = rows == Rows.GUIDED ? Math.min(seenWithLabel, seenWithoutLabel) : seenWithLabel;
    ScaleSchedule schedule = model.config().schedule();
    return schedule.offset(scale) - schedule.offset(seen);
  }

  /**
   * Returns the logits of {@code scale}, float32 [B, l, V], for which {@link #prefill} was called.
   *
   * @param strength of guidance: logits are {@code (1 + strength) label - strength no label}
   */
  public Tensor step(int scale, List<Tensor> inputs, double strength) {
    ScaleSchedule schedule = model.config().schedule();
    if (scale != seenWithLabel) {
      throw new IllegalStateException(
          "Cannot decode scale " + scale + ": " + seenWithLabel + " scales were seen");
    }
    int kept = scale == lastScale ? 0 : schedule.tokens(scale);
    List<Tensor> input = scale == 0 ? List.of() : inputs.subList(scale - 1, scale);
    boolean guided = cache.rows() == Rows.GUIDED.of(images);
    seenWithLabel++;
    seenWithoutLabel = guided ? scale + 1 : 0;
    Span span = new Span(schedule.offset(scale), kept);
    if (guided) {
      return TransformerKernel.step(
          batch, operands(condition, cache), input, span, images, strength);
    }
    try (ClassCondition labelled = TransformerKernel.rows(batch, condition, 0, images)) {
      return TransformerKernel.step(batch, operands(labelled, cache), input, span, images, 0);
    }
  }

  /** Returns the bytes of the live keys and values, 0 before the first step. */
  public long cacheBytes() {
    return cache == null ? 0 : cache.bytes();
  }

  private void provide(Rows rows) {
    int count = rows.of(images);
    if (cache == null) {
      int slots = model.config().schedule().offset(lastScale);
      cache = TransformerKernel.cache(batch, model.weights(), count, slots);
    } else if (cache.rows() != count) {
      try (KvCache old = cache) {
        cache = TransformerKernel.resized(batch, old, count);
      }
    }
  }

  /** Fills the cache of some rows with the scales from {@code first} to before {@code end}. */
  private void fill(int firstRow, int rows, int first, int end, List<Tensor> inputs) {
    if (first == end) {
      return;
    }
    ScaleSchedule schedule = model.config().schedule();
    int start = schedule.offset(first);
    long[] ends = new long[end - first];
    for (int k = first; k < end; k++) {
      ends[k - first] = (long) schedule.offset(k + 1) - start;
    }
    List<Tensor> maps = inputs.subList(Math.max(0, first - 1), end - 1);
    try (ClassCondition some = TransformerKernel.rows(batch, condition, firstRow, rows);
        KvCache part = TransformerKernel.rows(batch, cache, firstRow, rows)) {
      TransformerKernel.prefill(operands(some, part), maps, start, ends);
    }
  }

  private Operands operands(ClassCondition some, KvCache part) {
    return new Operands(model.weights(), some, part);
  }

  /** Frees keys, values and conditions, after the model's last scale in the plan. */
  @Override
  public void close() {
    condition.close();
    if (cache != null) {
      cache.close();
      cache = null;
    }
  }
}
