package io.tandem.generate;

import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import io.tandem.sample.Selection;
import io.tandem.transformer.Rows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which scales several configurations decode in the same way, so that one batch can be decoded for
 * all of them and branch where they differ.
 *
 * <p>Two configurations share a scale if they share all scales before it and the same weights
 * decode it on the same rows, with the same strength of guidance and the same draws. A node is such
 * a scale; a path from a root to a leaf is what one configuration does, in the order in which it
 * would do so alone. A configuration whose guidance ends and begins again shares nothing: its rows
 * without labels are computed twice, and the second time otherwise.
 *
 * @param roots first scales; one if all configurations share it
 * @param branches number of configurations
 */
public record DecodeTree(List<Node> roots, int branches) {

  private static final int SHARED = -1;

  public DecodeTree {
    roots = List.copyOf(roots);
  }

  /**
   * A configuration and the weights that it is for.
   *
   * @param config how images are decoded
   * @param weights what stands for the weights of each model of the plan, by name; equal things
   *     stand for the same weights
   */
  public record Branch(DecodeConfig config, Map<String, ?> weights) {

    public Branch {
      weights = Map.copyOf(weights);
    }
  }

  /**
   * What remembers scales for a model: all nodes with one key use one state.
   *
   * @param weights of the model
   * @param use number of the name among those that the branch has for these weights: a model that
   *     has two names catches up under the second one
   * @param widest rows of a branch that the model ever decodes
   * @param only the branch that shares nothing; −1 if any may use the state
   */
  public record StateKey(Object weights, int use, Rows widest, int only) {}

  /**
   * How a scale is decoded.
   *
   * @param key of the state
   * @param rows of the batch
   * @param strength of guidance
   * @param draw how tokens are drawn
   */
  public record Move(StateKey key, Rows rows, double strength, Draw draw) {}

  /**
   * How tokens are drawn; where the likeliest token is taken, filters are 0.
   *
   * @param selection among the kept tokens
   * @param topK how many are kept
   * @param topP probability that is kept
   * @param temperature divisor of the logits
   */
  public record Draw(Selection selection, int topK, double topP, double temperature) {}

  /**
   * A scale that is decoded once.
   *
   * @param scale counted from 0
   * @param move how
   * @param branches configurations that it is for, by number
   * @param children next scales; none at the last one. Those of the same model come first, so that
   *     a model goes on as long as it can before another one needs room
   */
  public record Node(int scale, Move move, List<Integer> branches, List<Node> children) {

    public Node {
      branches = List.copyOf(branches);
      children = List.copyOf(children);
    }
  }

  /**
   * Returns the tree of {@code branches}, which decode images of the same scales.
   *
   * @throws IllegalArgumentException if there are none, or they differ in the number of scales
   */
  public static DecodeTree of(List<Branch> branches) {
    if (branches.stream().map(each -> each.config().plan().scales()).distinct().count() != 1) {
      throw new IllegalArgumentException("One number of scales is needed in " + branches);
    }
    List<List<Move>> moves = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      moves.add(moves(branches.get(i), i));
    }
    List<Integer> all = IntStream.range(0, branches.size()).boxed().toList();
    return new DecodeTree(nodes(moves, all, 0), branches.size());
  }

  private static List<Node> nodes(List<List<Move>> moves, List<Integer> branches, int scale) {
    if (scale == moves.get(0).size()) {
      return List.of();
    }
    Map<Move, List<Integer>> byMove = new LinkedHashMap<>();
    for (int branch : branches) {
      byMove.computeIfAbsent(moves.get(branch).get(scale), any -> new ArrayList<>()).add(branch);
    }
    List<Node> nodes = new ArrayList<>();
    byMove.forEach(
        (move, same) -> {
          List<Node> children = new ArrayList<>(nodes(moves, same, scale + 1));
          children.sort(Comparator.comparing(child -> !child.move().key().equals(move.key())));
          nodes.add(new Node(scale, move, same, children));
        });
    return nodes;
  }

  private static List<Move> moves(Branch branch, int number) {
    DecodeConfig config = branch.config();
    DecodePlan plan = config.plan();
    int only = guidanceBeginsAgain(config.guidance()) ? number : SHARED;
    List<Move> moves = new ArrayList<>();
    for (int scale = 0; scale < plan.scales(); scale++) {
      String model = plan.modelAt(scale);
      Object weights = branch.weights().get(model);
      int use =
          plan.models().stream()
              .filter(name -> branch.weights().get(name).equals(weights))
              .toList()
              .indexOf(model);
      StateKey key = new StateKey(weights, use, widest(config, model), only);
      moves.add(
          new Move(
              key,
              rows(config.guidance(), scale),
              config.guidance().strength(scale),
              draw(config.sampling(), scale)));
    }
    return moves;
  }

  /** Returns the rows of a batch at {@code scale}. */
  static Rows rows(GuidanceSchedule guidance, int scale) {
    return guidance.needsUnconditional(scale) ? Rows.GUIDED : Rows.LABEL_ONLY;
  }

  /** Returns the rows of the scale of {@code model} that has most. */
  static Rows widest(DecodeConfig config, String model) {
    boolean guided =
        IntStream.range(0, config.plan().scales())
            .filter(scale -> config.plan().decodes(model, scale))
            .anyMatch(config.guidance()::needsUnconditional);
    return guided ? Rows.GUIDED : Rows.LABEL_ONLY;
  }

  private static Draw draw(SamplingConfig sampling, int scale) {
    if (sampling.selection() == Selection.GREEDY) {
      return new Draw(Selection.GREEDY, 0, 0, 0);
    }
    double topP = sampling.topP().get(scale);
    return new Draw(
        Selection.GUMBEL,
        sampling.topK().get(scale),
        topP == 0 ? 1 : topP,
        sampling.temperature().get(scale));
  }

  private static boolean guidanceBeginsAgain(GuidanceSchedule guidance) {
    long begins =
        IntStream.range(0, guidance.scales())
            .filter(guidance::needsUnconditional)
            .filter(scale -> scale == 0 || !guidance.needsUnconditional(scale - 1))
            .count();
    return begins > 1;
  }

  /** Returns all nodes in the order in which they are decoded. */
  public List<Node> nodes() {
    List<Node> all = new ArrayList<>();
    roots.forEach(root -> add(root, all));
    return all;
  }

  private static void add(Node node, List<Node> all) {
    all.add(node);
    node.children().forEach(child -> add(child, all));
  }
}
