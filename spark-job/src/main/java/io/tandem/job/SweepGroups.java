package io.tandem.job;

import io.tandem.executor.NamedModel;
import io.tandem.generate.DecodeTree;
import io.tandem.job.SweepOrder.Point;
import io.tandem.run.WavePlan;
import io.tandem.sweep.SharedWork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Which points of a sweep are made together: those that decode at least a scale in common. */
final class SweepGroups {

  /** Batches of a wave for each slot, at least. */
  private static final int BATCHES_PER_SLOT = 4;

  private SweepGroups() {}

  /** What points must have in common before their plans are looked at. */
  private record Common(
      DataSetOrder.Samples samples,
      String tokeniser,
      GenerateConditions.Execution execution,
      int scales) {

    private static Common of(Point point) {
      return new Common(
          point.order().samples(),
          point.order().models().names().tokeniser().sha256(),
          point.conditions().execution(),
          point.order().decode().plan().scales());
    }
  }

  /** Returns all points, in groups, each in its order; groups are in the order of their first. */
  static List<List<Point>> of(List<Point> points) {
    Map<Common, List<Point>> common = new LinkedHashMap<>();
    points.forEach(
        point -> common.computeIfAbsent(Common.of(point), any -> new ArrayList<>()).add(point));
    List<List<Point>> groups = new ArrayList<>();
    for (List<Point> some : common.values()) {
      DecodeTree tree = DecodeTree.of(some.stream().map(SweepGroups::branch).toList());
      for (DecodeTree.Node root : tree.roots()) {
        groups.add(root.branches().stream().sorted().map(some::get).toList());
      }
    }
    return groups;
  }

  /** Returns the work of a group, alone and together. */
  static SharedWork work(List<Point> group) {
    return SharedWork.of(
        group.stream()
            .map(
                point -> new SharedWork.Point(branch(point), point.order().models().transformers()))
            .toList());
  }

  private static DecodeTree.Branch branch(Point point) {
    return new DecodeTree.Branch(
        point.order().decode(),
        point.order().models().names().transformers().stream()
            .collect(Collectors.toMap(NamedModel::name, NamedModel::sha256)));
  }

  /**
   * Returns the conditions of the points of a group: their waves are the same, and together take
   * about as long as those of a single run do.
   */
  static List<GenerateConditions> conditions(List<Point> group) {
    long images = Long.MAX_VALUE;
    for (Point point : group) {
      GeneratePlan plan = GeneratePlan.of(point.order(), point.conditions());
      int batch = point.order().samples().batches().size();
      long fewest = (long) BATCHES_PER_SLOT * plan.shape().slots() * batch;
      long usual = plan.waves().segments().get(0).waveImages();
      long wanted =
          point.conditions().waves().images().isPresent()
              ? usual
              : WavePlan.wholeBatches(Math.max(fewest, usual / group.size()), batch);
      images = Math.min(images, wanted);
    }
    long waveImages = images;
    return group.stream().map(point -> inWaves(point.conditions(), waveImages)).toList();
  }

  private static GenerateConditions inWaves(GenerateConditions conditions, long images) {
    return new GenerateConditions(
        conditions.out(),
        conditions.table(),
        new GenerateConditions.Waves(OptionalLong.of(images), conditions.waves().partitions()),
        conditions.tolerance(),
        conditions.execution(),
        conditions.spark());
  }
}
