package io.tandem.sweep;

import io.tandem.generate.DecodeTree;
import io.tandem.generate.DecodeTree.Node;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.VarConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.transformer.Rows;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The work of decoding images for several configurations, in floating-point operations as {@link
 * WorkCount} counts them: one after another, and at least, when nothing is computed twice.
 *
 * @param separate of all transformers, each configuration alone
 * @param shared the same, with scales and prefixes that configurations have in common counted once
 */
public record SharedWork(double separate, double shared) {

  /**
   * A configuration.
   *
   * @param branch what it decodes, by the digests of its weights
   * @param models architectures by the names in its plan
   */
  public record Point(DecodeTree.Branch branch, Map<String, VarConfig> models) {

    public Point {
      models = Map.copyOf(models);
    }
  }

  /** Returns the work of one image for each of {@code points}. */
  public static SharedWork of(List<Point> points) {
    double separate =
        points.stream()
            .mapToDouble(
                point ->
                    new PlanWork(
                            point.branch().config().plan(),
                            point.branch().config().guidance(),
                            point.models())
                        .transformers(1))
            .sum();
    return new SharedWork(separate, new Counter(points).work());
  }

  /** Returns the shared work as a share of the separate one. */
  public double ratio() {
    return shared / separate;
  }

  /** Counts what no node or prefix before has counted. */
  private static final class Counter {

    private final List<Point> points;
    private final DecodeTree tree;
    private final Set<DecodeTree.StateKey> begun = new HashSet<>();

    /** A scale that a state has caught up on: its tokens are those of a node and all above it. */
    private record Filled(DecodeTree.StateKey key, Rows rows, int scale, Object tokens) {}

    private final Set<Filled> filled = new HashSet<>();

    private Counter(List<Point> points) {
      this.points = points;
      this.tree = DecodeTree.of(points.stream().map(Point::branch).toList());
    }

    private double work() {
      return tree.nodes().stream().mapToDouble(node -> own(node)).sum();
    }

    private double own(Node node) {
      Point point = points.get(node.branches().get(0));
      DecodePlan plan = point.branch().config().plan();
      String model = plan.modelAt(node.scale());
      VarConfig config = point.models().get(model);
      int rows = node.move().rows().of(1);
      double work = WorkCount.step(config, node.scale(), rows);
      if (begun.add(node.move().key())) {
        work += WorkCount.adaLn(config, node.move().key().widest().of(1));
      }
      return work + prefill(node, point, config);
    }

    private double prefill(Node node, Point point, VarConfig config) {
      PlanWork alone =
          new PlanWork(
              point.branch().config().plan(), point.branch().config().guidance(), point.models());
      int seen = point.branch().config().plan().scalesSeenBefore(node.scale());
      double whole = alone.prefill(node.scale(), 1);
      double plain = WorkCount.prefill(config, seen, node.scale(), node.move().rows().of(1));
      if (whole != plain) {
        return whole; // rows without labels come back: that is shared with nobody
      }
      double work = 0;
      for (int scale = seen; scale < node.scale(); scale++) {
        Filled fill =
            new Filled(node.move().key(), node.move().rows(), scale, tokensBefore(node, scale));
        if (filled.add(fill)) {
          work += WorkCount.prefill(config, scale, scale + 1, node.move().rows().of(1));
        }
      }
      return work;
    }

    /** Returns what decides the input of {@code scale} on the way to {@code node}. */
    private Object tokensBefore(Node node, int scale) {
      return tree.nodes().stream()
          .filter(
              each -> each.scale() == scale - 1 && each.branches().contains(node.branches().get(0)))
          .<Object>map(Node::branches)
          .findFirst()
          .orElse(scale);
    }
  }
}
