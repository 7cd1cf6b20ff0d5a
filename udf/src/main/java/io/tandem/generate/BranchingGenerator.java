package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.generate.DecodeTree.Draw;
import io.tandem.generate.DecodeTree.Node;
import io.tandem.generate.DecodeTree.StateKey;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.SamplerKernel;
import io.tandem.kernel.SamplerKernel.Filters;
import io.tandem.kernel.Tensor;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.metrics.ScaleLatency;
import io.tandem.metrics.ScaleStep;
import io.tandem.metrics.Stage;
import io.tandem.model.ScaleSchedule;
import io.tandem.plan.DecodePlan;
import io.tandem.sample.NoiseWords;
import io.tandem.sample.Selection;
import io.tandem.transformer.Call;
import io.tandem.transformer.Rows;
import io.tandem.transformer.TransformerState;
import io.tandem.transformer.TransformerState.Extent;
import io.tandem.transformer.TransformerState.Guests;
import io.tandem.vq.FeatureMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decodes batches of images, scale by scale, each scale by the model that the plan names; for one
 * configuration or for several at once, which share what they have in common.
 *
 * <p>Plain VAR, collaborative decoding (arXiv 2411.17787, section 3.2) and every other plan are the
 * one loop in {@link Batch#walk}. A model that did not decode the scales before its turn catches up
 * on them first; only token ids cross between models.
 *
 * <p>Configurations that begin alike are decoded together up to the scale where they part, as
 * {@link DecodeTree} says. A branch goes on from a copy of the feature map, from the tokens so far
 * and from the caches of its models, cut back to what it would have computed itself: its tokens and
 * images are to the last bit those of the configuration alone.
 *
 * <p>Immutable and thread-safe: what a batch changes lives in the batch.
 */
public final class BranchingGenerator {

  private final List<Branch> branches;
  private final DecodeTree tree;

  /**
   * A configuration and models for it.
   *
   * @param models kept open by the caller while they are used
   * @param config how images are decoded
   */
  public record Branch(ModelSet models, DecodeConfig config) {

    /**
     * Passes if the plan is for the scales and the names of the models.
     *
     * @throws io.tandem.base.UserError otherwise
     */
    public Branch {
      int scales = models.latent().schedule().scales();
      check(
          config.plan().scales() == scales,
          "Cannot decode images of %d scales with the plan '%s', which has %d",
          scales,
          config.plan(),
          config.plan().scales());
      config.plan().models().forEach(models::transformer);
    }

    private DecodeTree.Branch inTree() {
      return new DecodeTree.Branch(
          config,
          config.plan().models().stream()
              .collect(Collectors.toMap(name -> name, models::transformer)));
    }
  }

  /**
   * What became of a batch in one branch.
   *
   * @param made tokens and images; empty if it failed
   * @param failure why it failed; empty if it did not
   * @param latency times as if the branch had been decoded alone: what it shares is in full in the
   *     times of all who share it
   * @param sharing what it shares
   */
  public record Result(
      Optional<GeneratedBatch> made,
      Optional<NonFiniteLogitsException> failure,
      LatencyReport latency,
      Sharing sharing) {}

  /**
   * What a branch shares with others.
   *
   * @param scales how many scales, the first ones, were decoded together with another branch
   * @param nanos of the whole time, what this branch answers for: work that is shared is divided
   *     among those who share it, so that the sum over all branches is the time that passed
   */
  public record Sharing(int scales, long nanos) {}

  /**
   * Makes a generator.
   *
   * @param branches at least one; all of them have the same tokeniser
   * @throws io.tandem.base.UserError if a plan is not for the scales or the names of its models
   */
  public BranchingGenerator(List<Branch> branches) {
    this.branches = List.copyOf(branches);
    tree = DecodeTree.of(branches.stream().map(Branch::inTree).toList());
    for (Branch branch : branches) {
      if (branch.models().tokenizer() != first().tokenizer()) {
        throw new IllegalArgumentException("Branches of one batch need one tokeniser");
      }
    }
  }

  private ModelSet first() {
    return branches.get(0).models();
  }

  /**
   * Returns the tokens and images of a batch, branch by branch.
   *
   * @param latency collects the times of the first branch; made for this batch
   * @throws io.tandem.base.UserError if a label is no class of the models or a given token no code
   */
  public List<Result> generate(
      BatchRequest request, LatencyRecorder latency, DecodeObserver observer) {
    request.check(first().latent(), first().classes());
    try (NativeScope scope = NativeScope.open(first().device())) {
      return new Batch(request, observer, scope).decode(latency);
    }
  }

  /** A piece of work and how long it took. */
  private static final class Work {

    private long nanos;
    private int users;

    /** Returns what each user but one of them need not answer for. */
    private long savedNanos() {
      return nanos - nanos / users;
    }
  }

  /** A state that nodes share, and the work that is in it. */
  private static final class Held {

    private final TransformerState state;
    private final Work begun;
    private final Map<Call, Work> calls = new HashMap<>();
    private long bytesPerToken;

    private Held(TransformerState state, Work begun) {
      this.state = state;
      this.begun = begun;
    }
  }

  /** The way from the first scale to the present one. */
  private static final class Path {

    private final FeatureMap features;
    private final LatencyRecorder latency;
    private final List<long[]> tokens;

    /** What each scale but the first starts from, float32 [B, l, Z]. */
    private final List<Tensor> inputs;

    /** What each model has computed on this way. */
    private final Map<StateKey, List<Call>> calls;

    private final List<Work> works;

    private Path(FeatureMap features, LatencyRecorder latency) {
      this.features = features;
      this.latency = latency;
      tokens = new ArrayList<>();
      inputs = new ArrayList<>();
      calls = new HashMap<>();
      works = new ArrayList<>();
    }

    private Path(Path path, FeatureMap features, LatencyRecorder latency) {
      this.features = features;
      this.latency = latency;
      tokens = new ArrayList<>(path.tokens);
      inputs = new ArrayList<>(path.inputs);
      calls = new HashMap<>(path.calls);
      works = new ArrayList<>(path.works);
    }

    /** Does a work of the present scale and returns its result. */
    private <T> T time(Stage stage, Work work, Supplier<T> job) {
      LatencyRecorder.Timer timer = latency.start(stage);
      try {
        return job.get();
      } finally {
        work.nanos += timer.stop();
      }
    }
  }

  /** One batch while it is decoded. */
  private final class Batch {

    private final ScaleSchedule schedule = first().latent().schedule();
    private final BatchRequest request;
    private final DecodeObserver observer;
    private final NativeScope scope;

    /** States that are in use, and what is known of those that were. */
    private final Map<StateKey, Held> states = new HashMap<>();

    /** The last node that uses each state. */
    private final Map<StateKey, Node> lastUses = new HashMap<>();

    private final Map<Integer, Path> ends = new HashMap<>();
    private final Map<Integer, NonFiniteLogitsException> failures = new HashMap<>();
    private final Map<Integer, GeneratedBatch> made = new HashMap<>();
    private final Map<Integer, LatencyReport> reports = new HashMap<>();

    private Batch(BatchRequest request, DecodeObserver observer, NativeScope scope) {
      this.request = request;
      this.observer = observer;
      this.scope = scope;
      tree.nodes().forEach(node -> lastUses.put(node.move().key(), node));
    }

    private List<Result> decode(LatencyRecorder latency) {
      FeatureMap zeros = first().tokenizer().newFeatureMap(scope, request.images());
      branch(0, tree.roots(), new Path(zeros, latency));
      for (Path end : ends.values()) {
        end.works.forEach(work -> work.users++);
      }
      return IntStream.range(0, branches.size()).mapToObj(this::result).toList();
    }

    /** Goes all ways that lead on after {@code scales} scales. */
    private void branch(int scales, List<Node> children, Path path) {
      if (children.size() == 1) {
        walk(children.get(0), path);
        return;
      }
      LatencyReport sofar = settled(path);
      for (Node child : children) {
        states.values().forEach(held -> held.state.resume(List.of(), scales));
        Path way = new Path(path, path.features.copy(), path.latency.after(sofar));
        walk(child, way);
        way.inputs.subList(path.inputs.size(), way.inputs.size()).forEach(Tensor::close);
        way.features.close();
      }
    }

    /** Returns the times so far; what belongs to no stage is shared by all ways from here on. */
    private static LatencyReport settled(Path path) {
      LatencyReport sofar = path.latency.snapshot();
      Work other = new Work();
      other.nanos = sofar.totalNanos() - path.works.stream().mapToLong(work -> work.nanos).sum();
      path.works.add(other);
      return sofar;
    }

    /** Decodes the scale of {@code node} and all after it. */
    private void walk(Node node, Path path) {
      try {
        decode(node, path);
      } catch (NonFiniteLogitsException e) {
        for (int branch : node.branches()) {
          failures.put(branch, e);
          end(branch, path, path.latency);
        }
        closeUnused(node);
        return;
      }
      if (node.children().isEmpty()) {
        finish(node, path);
      } else {
        branch(node.scale() + 1, node.children(), path);
      }
    }

    private void decode(Node node, Path path) {
      int scale = node.scale();
      if (scale < request.givenTokens().size()) {
        accumulate(scale, request.givenTokens().get(scale), path);
        closeUnused(node);
        return;
      }
      Held held = caughtUp(node, path);
      try (Tensor logits = logits(node, held, path)) {
        sample(node, logits, path);
      }
      closeUnused(node);
    }

    /** Returns the state of {@code node}'s model, which has seen all scales before its own. */
    private Held caughtUp(Node node, Path path) {
      int scale = node.scale();
      StateKey key = node.move().key();
      Rows rows = node.move().rows();
      Optional<List<Call>> before = Optional.ofNullable(path.calls.get(key));
      Held known = states.get(key);
      if (known != null) {
        known.state.resume(before.orElse(List.of()), scale);
      }
      int prefillTokens =
          before.isEmpty() ? schedule.offset(scale) : known.state.missed(scale, rows);
      path.latency.beginScale(
          new ScaleStep(scale, schedule.side(scale), name(node), prefillTokens));
      Held held = known == null ? begun(node, path) : known;
      if (before.isEmpty()) {
        path.works.add(held.begun);
        if (held == known) {
          path.latency.add(Stage.DECODE, held.begun.nanos);
        }
      }
      catchUp(held, node, path);
      return held;
    }

    private Held begun(Node node, Path path) {
      Work begun = new Work();
      TransformerState state =
          path.time(
              Stage.DECODE,
              begun,
              () -> {
                ModelSet models = branches.get(node.branches().get(0)).models();
                return models
                    .transformer(name(node))
                    .begin(scope, request.labels(), extent(node.move().key()));
              });
      Held held = new Held(state, begun);
      states.put(node.move().key(), held);
      return held;
    }

    private Extent extent(StateKey key) {
      List<Node> uses =
          tree.nodes().stream().filter(node -> node.move().key().equals(key)).toList();
      long users = uses.stream().flatMap(node -> node.branches().stream()).distinct().count();
      return new Extent(
          uses.stream().mapToInt(Node::scale).max().orElseThrow(),
          key.widest(),
          users == 1 ? Guests.ONE : Guests.SEVERAL);
    }

    private void catchUp(Held held, Node node, Path path) {
      // Also without anything to catch up on the stage has a time: that of making room.
      Work room = new Work();
      path.works.add(room);
      List<Call> missed =
          path.time(
              Stage.PREFILL, room, () -> held.state.catchUp(node.scale(), node.move().rows()));
      for (Call call : missed) {
        if (held.state.keeps(call)) {
          path.latency.add(Stage.PREFILL, held.calls.get(call).nanos);
        } else {
          Work work = new Work();
          held.calls.put(call, work);
          path.time(
              Stage.PREFILL,
              work,
              () -> {
                held.state.fill(call, path.inputs);
                return call;
              });
        }
        path.works.add(held.calls.get(call));
      }
    }

    private Tensor logits(Node node, Held held, Path path) {
      Work work = new Work();
      path.works.add(work);
      Tensor logits =
          path.time(
              Stage.DECODE,
              work,
              () -> held.state.step(node.scale(), path.inputs, node.move().strength()));
      held.bytesPerToken = held.state.bytesPerToken();
      path.calls.put(node.move().key(), held.state.calls());
      path.latency.cacheBytes(
          states.values().stream().mapToLong(each -> each.state.cacheBytes()).sum());
      observer.stepped(name(node), node.scale(), held.state.cacheBytes());
      return logits;
    }

    private void sample(Node node, Tensor logits, Path path) {
      int scale = node.scale();
      Work work = new Work();
      path.works.add(work);
      long[] drawn = path.time(Stage.SAMPLE, work, () -> draw(scale, node.move().draw(), logits));
      for (int i = 0; i < drawn.length; i++) {
        if (drawn[i] < 0) {
          long index = request.samples().get(i / schedule.tokens(scale)).index();
          throw new NonFiniteLogitsException(name(node), index, scale);
        }
      }
      observer.drawn(scale, logits, drawn);
      path.time(Stage.SAMPLE, work, () -> accumulate(scale, drawn, path));
    }

    private long[] draw(int scale, Draw draw, Tensor logits) {
      if (draw.selection() == Selection.GREEDY) {
        try (Tensor drawn = SamplerKernel.greedy(scope, logits)) {
          return drawn.toLongs();
        }
      }
      int length = schedule.tokens(scale);
      int[] words = NoiseWords.words(request.seed(), request.indexes(), scale, length);
      Filters filters = new Filters(draw.topK(), draw.topP(), draw.temperature());
      try (Tensor noise = scope.ints(words, request.images(), length);
          Tensor drawn = SamplerKernel.sample(scope, logits, noise, filters)) {
        return drawn.toLongs();
      }
    }

    /** Adds a token map to the running feature map and keeps what the next scale starts from. */
    private Void accumulate(int scale, long[] ids, Path path) {
      path.tokens.add(ids);
      try (Tensor map = scope.longs(ids, request.images(), schedule.tokens(scale))) {
        path.features.accumulate(map, scale).ifPresent(path.inputs::add);
      }
      observer.accumulated(scale, path.features.value());
      return null;
    }

    /** Frees what nobody reads again: caches that no node after this one uses. */
    private void closeUnused(Node node) {
      // a node that failed takes along what its descendants would have used last
      states.forEach(
          (key, held) -> {
            if (isIn(lastUses.get(key), node)) {
              held.state.close();
            }
          });
    }

    private boolean isIn(Node wanted, Node node) {
      return wanted.equals(node)
          || (failures.keySet().containsAll(node.branches())
              && node.children().stream().anyMatch(child -> isIn(wanted, child)));
    }

    private void finish(Node leaf, Path path) {
      boolean isOne = leaf.branches().size() == 1;
      Optional<LatencyReport> sofar = isOne ? Optional.empty() : Optional.of(settled(path));
      for (int branch : leaf.branches()) {
        LatencyRecorder latency = sofar.map(path.latency::after).orElse(path.latency);
        made.put(branch, pixels(branch, path, latency));
        end(branch, path, latency);
      }
    }

    private GeneratedBatch pixels(int branch, Path path, LatencyRecorder latency) {
      DecodeConfig config = branches.get(branch).config();
      List<RgbImage> images =
          latency.time(
              Stage.VAE,
              () -> {
                try (Tensor decoded = first().tokenizer().decode(scope, path.features.value())) {
                  observer.decoded(decoded);
                  return first().tokenizer().pixels(decoded, config.rounding());
                }
              });
      return new GeneratedBatch(path.tokens, images);
    }

    private void end(int branch, Path path, LatencyRecorder latency) {
      ends.put(branch, path);
      reports.put(branch, latency.snapshot());
    }

    private Result result(int branch) {
      LatencyReport report = reports.get(branch);
      long saved = ends.get(branch).works.stream().mapToLong(Work::savedNanos).sum();
      int shared =
          (int)
              tree.nodes().stream()
                  .filter(node -> node.branches().contains(branch) && node.branches().size() > 1)
                  .count();
      return new Result(
          Optional.ofNullable(made.get(branch)),
          Optional.ofNullable(failures.get(branch)),
          branches.size() == 1 ? report : alone(branch, report),
          new Sharing(shared, report.totalNanos() - saved));
    }

    /** Returns {@code report} with the names and the caches that the branch alone would have. */
    private LatencyReport alone(int branch, LatencyReport report) {
      DecodePlan plan = branches.get(branch).config().plan();
      List<ScaleLatency> scales = new ArrayList<>();
      for (ScaleLatency each : report.scales()) {
        ScaleStep step = each.step();
        scales.add(
            new ScaleLatency(
                new ScaleStep(
                    step.scale(), step.side(), plan.modelAt(step.scale()), step.prefillTokens()),
                each.prefillNanos(),
                each.decodeNanos(),
                each.sampleNanos(),
                cacheBytes(branch, step.scale())));
      }
      return new LatencyReport(
          report.mode(), scales, report.vaeNanos(), report.encodeNanos(), report.totalNanos());
    }

    /** Returns the bytes of the caches that the branch alone would have at {@code scale}. */
    private long cacheBytes(int branch, int scale) {
      DecodePlan plan = branches.get(branch).config().plan();
      List<Node> way =
          tree.nodes().stream().filter(node -> node.branches().contains(branch)).toList();
      long bytes = 0;
      for (String model : plan.models()) {
        if (plan.lastScale(model) >= scale) {
          Optional<Node> last =
              way.stream()
                  .filter(node -> node.scale() <= scale && plan.decodes(model, node.scale()))
                  .reduce((earlier, later) -> later);
          bytes +=
              last.map(
                      node ->
                          states.get(node.move().key()).bytesPerToken
                              * node.move().rows().of(request.images())
                              * schedule.offset(plan.lastScale(model)))
                  .orElse(0L);
        }
      }
      return bytes;
    }

    private String name(Node node) {
      return branches.get(node.branches().get(0)).config().plan().modelAt(node.scale());
    }
  }
}
