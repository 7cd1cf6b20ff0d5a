package io.tandem.transformer;

import io.tandem.kernel.ClassCondition;
import io.tandem.kernel.KvCache;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.kernel.TransformerKernel;
import io.tandem.kernel.TransformerKernel.Operands;
import io.tandem.kernel.TransformerKernel.Span;
import io.tandem.model.ScaleSchedule;
import io.tandem.transformer.Call.Kind;
import io.tandem.transformer.Call.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one transformer remembers of one batch: keys and values of the scales it has seen.
 *
 * <p>Rows are the B images and, while guided, their B unconditional halves after them. The two
 * halves count the scales they have seen apart, since guidance may end and begin again. Used by one
 * thread.
 *
 * <p>A batch may branch: several images are decoded from one beginning. A state serves all branches
 * one after another. It remembers which calls filled its cache; a branch whose first calls were the
 * same ones {@link #resume resumes} with what they left, and makes only the others. What it reads
 * is to the last bit what a state of its own would hold.
 */
public final class TransformerState implements AutoCloseable {

  private final VarTransformer model;
  private final NativeScope batch;
  private final int images;
  private final int lastScale;
  private final Guests guests;
  private final int[] offsets;

  /** Of 2B rows if any scale is guided, else of B. */
  private final ClassCondition condition;

  /** Null before the first step. */
  private KvCache cache;

  /** Rows of the present scale. */
  private Rows rows = Rows.LABEL_ONLY;

  /** What a state of the present branch alone would have computed. */
  private final List<Call> calls = new ArrayList<>();

  /** What the cache holds; begins with {@link #calls}, unless those of other branches are first. */
  private final List<Call> stored = new ArrayList<>();

  /** Who uses a state. */
  public enum Guests {
    /** One sequence of scales: what it no longer needs is freed. */
    ONE,
    /** Several branches: rows without labels stay for those that need them still. */
    SEVERAL
  }

  TransformerState(VarTransformer model, NativeScope batch, int[] labels, Extent extent) {
    this.model = model;
    this.batch = batch;
    this.images = labels.length;
    this.lastScale = extent.lastScale();
    this.guests = extent.guests();
    ScaleSchedule schedule = model.config().schedule();
    this.offsets = IntStream.rangeClosed(0, schedule.scales()).map(schedule::offset).toArray();
    long[] all = new long[extent.widest().of(images)];
    Arrays.fill(all, model.config().unconditionalLabel());
    for (int i = 0; i < images; i++) {
      all[i] = labels[i];
    }
    this.condition = TransformerKernel.condition(batch, model.weights(), all);
  }

  /**
   * What a state is made for.
   *
   * @param lastScale the last scale that it decodes; nothing reads its keys and values again, so
   *     they are not kept
   * @param widest {@link Rows#GUIDED} if any of its scales is guided
   * @param guests who uses it
   */
  public record Extent(int lastScale, Rows widest, Guests guests) {}

  /**
   * Makes room for {@code rows} and catches up on the scales before {@code scale} that this
   * transformer has not seen.
   *
   * @param inputs what each scale starts from, float32 [B, l, Z] at index {@code scale - 1}
   * @return this state
   */
  public TransformerState prefill(int scale, List<Tensor> inputs, Rows rows) {
    for (Call call : catchUp(scale, rows)) {
      if (!keeps(call)) {
        fill(call, inputs);
      }
    }
    return this;
  }

  /**
   * Makes room for {@code rows} and returns what has to be computed before {@code scale}: each call
   * is either {@link #keeps kept} or to be {@link #fill made}, in order.
   */
  public List<Call> catchUp(int scale, Rows rows) {
    int withLabel = seenWithLabel();
    int withoutLabel = seenWithoutLabel();
    if (scale < withLabel || scale > lastScale) {
      throw new IllegalStateException(
          "Cannot catch up to scale %d: %d scales were seen, and the last is %d"
              .formatted(scale, withLabel, lastScale));
    }
    this.rows = rows;
    provide(rows.of(images));
    if (rows == Rows.LABEL_ONLY) {
      return prefills(Part.LABELLED, withLabel, scale);
    }
    if (withLabel == withoutLabel) {
      return prefills(Part.BOTH, withLabel, scale);
    }
    List<Call> both = new ArrayList<>(prefills(Part.LABELLED, withLabel, scale));
    both.addAll(prefills(Part.UNLABELLED, withoutLabel, scale));
    return both;
  }

  private List<Call> prefills(Part part, int first, int end) {
    return Call.prefills(part, first, end, offsets, images);
  }

  /** Takes {@code call} as made if another branch made it, and says whether that is so. */
  public boolean keeps(Call call) {
    boolean isKept = stored.size() > calls.size() && stored.get(calls.size()).equals(call);
    if (isKept) {
      calls.add(call);
    }
    return isKept;
  }

  /**
   * Makes a call of {@link #catchUp}.
   *
   * @param inputs what each scale starts from, float32 [B, l, Z] at index {@code scale - 1}
   */
  public void fill(Call call, List<Tensor> inputs) {
    noteMade(call);
    int firstRow = call.hasLabelled() ? 0 : images;
    int count = call.part() == Part.BOTH ? Rows.GUIDED.of(images) : images;
    int start = offsets[call.first()];
    long[] ends =
        IntStream.range(call.first(), call.end()).mapToLong(k -> offsets[k + 1] - start).toArray();
    List<Tensor> maps = inputs.subList(Math.max(0, call.first() - 1), call.end() - 1);
    try (ClassCondition some = TransformerKernel.rows(batch, condition, firstRow, count);
        KvCache part = TransformerKernel.rows(batch, cache, firstRow, count)) {
      TransformerKernel.prefill(operands(some, part), maps, start, ends);
    }
  }

  /** Returns how many tokens per image {@link #prefill} would catch up on. */
  public int missed(int scale, Rows rows) {
    int seen =
        rows == Rows.GUIDED ? Math.min(seenWithLabel(), seenWithoutLabel()) : seenWithLabel();
    return offsets[scale] - offsets[seen];
  }

  /**
   * Returns the logits of {@code scale}, float32 [B, l, V], for which {@link #prefill} was called.
   *
   * @param strength of guidance: logits are {@code (1 + strength) label - strength no label}
   */
  public Tensor step(int scale, List<Tensor> inputs, double strength) {
    int seen = seenWithLabel();
    if (scale != seen) {
      throw new IllegalStateException(
          "Cannot decode scale " + scale + ": " + seen + " scales were seen");
    }
    int kept = scale == lastScale ? 0 : model.config().schedule().tokens(scale);
    List<Tensor> input = scale == 0 ? List.of() : inputs.subList(scale - 1, scale);
    boolean guided = rows == Rows.GUIDED;
    noteMade(new Call(Kind.STEP, guided ? Part.BOTH : Part.LABELLED, scale, scale + 1));
    Span span = new Span(offsets[scale], kept);
    if (guided) {
      return TransformerKernel.step(
          batch, operands(condition, cache), input, span, images, strength);
    }
    try (ClassCondition labelled = TransformerKernel.rows(batch, condition, 0, images);
        KvCache part = TransformerKernel.rows(batch, cache, 0, images)) {
      return TransformerKernel.step(batch, operands(labelled, part), input, span, images, 0);
    }
  }

  private void noteMade(Call call) {
    if (stored.size() < calls.size() || !stored.subList(0, calls.size()).equals(calls)) {
      throw new IllegalStateException(
          "Cannot go on with %s after %s: the cache holds %s".formatted(call, calls, stored));
    }
    stored.subList(calls.size(), stored.size()).clear();
    calls.add(call);
    stored.add(call);
  }

  private int seenWithLabel() {
    int seen = 0;
    for (Call call : calls) {
      seen = call.hasLabelled() ? call.end() : seen;
    }
    return seen;
  }

  /** A scale without these rows ends them; what they had seen counts no longer. */
  private int seenWithoutLabel() {
    int seen = 0;
    for (Call call : calls) {
      if (call.hasUnlabelled()) {
        seen = call.end();
      } else if (call.kind() == Kind.STEP) {
        seen = 0;
      }
    }
    return seen;
  }

  /** Returns the calls of the present branch so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /**
   * Goes on with another branch, after {@code before}, the calls that it has made.
   *
   * @param shared number of first scales whose tokens are the same in this branch and the last one:
   *     keys and values after them are forgotten
   */
  public void resume(List<Call> before, int shared) {
    int valid = 0;
    while (valid < stored.size() && stored.get(valid).end() <= shared) {
      valid++;
    }
    stored.subList(valid, stored.size()).clear();
    calls.clear();
    calls.addAll(before);
  }

  /** Returns the bytes of the live keys and values, 0 before the first step. */
  public long cacheBytes() {
    return cache == null ? 0 : cache.bytes();
  }

  /** Returns the bytes of keys and values of one row and token, 0 if none are kept. */
  public long bytesPerToken() {
    long tokens = cache == null ? 0 : (long) cache.rows() * offsets[lastScale];
    return tokens == 0 ? 0 : cache.bytes() / tokens;
  }

  private void provide(int count) {
    if (cache == null) {
      cache = TransformerKernel.cache(batch, model.weights(), count, offsets[lastScale]);
    } else if (cache.rows() < count || (cache.rows() > count && guests == Guests.ONE)) {
      try (KvCache old = cache) {
        cache = TransformerKernel.resized(batch, old, count);
      }
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
