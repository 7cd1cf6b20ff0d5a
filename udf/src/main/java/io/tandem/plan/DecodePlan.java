package io.tandem.plan;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Which model decodes each scale of an image.
 *
 * <p>Plain VAR is the plan with one model; collaborative decoding has a drafter for the first
 * scales and a refiner for the rest; longer ladders, and models that take over and hand back, are
 * plans as well. Scales count from 0 here and from 1 in text, where plans read {@code
 * big:1-8,small:9-10}.
 *
 * @param assignment the name of the model of each scale
 * @see <a href="https://arxiv.org/abs/2411.17787">Collaborative Decoding Makes Visual
 *     Auto-Regressive Modeling Efficient; its table 4 swaps single scales</a>
 */
public record DecodePlan(PerScale<String> assignment) implements Serializable {

  /**
   * A run of scales that one model decodes.
   *
   * @param model name of the model
   * @param first first scale of the run
   * @param last last scale of the run, which belongs to it
   */
  public record Leg(String model, int first, int last) implements Serializable {

    @Override
    public String toString() {
      return model + ":" + new ScaleRange(first, last);
    }
  }

  /**
   * Returns the plan that {@code text} writes.
   *
   * @param names the models that exist; each must decode at least one scale
   * @param scales number of scales of an image
   * @throws UserError if the text is malformed, a scale has no model, two, or does not exist, or a
   *     model does not exist or has nothing to do
   */
  public static DecodePlan parse(String text, Collection<String> names, int scales) {
    PerScale.Syntax<String> syntax =
        new PerScale.Syntax<>("plan", "model", "a model", name -> known(name, names, text));
    DecodePlan plan = new DecodePlan(syntax.parseRanges(text, scales));
    for (String name : new TreeSet<>(names)) {
      check(
          plan.models().contains(name),
          "Cannot use plan '%s': the model '%s' decodes no scale (every named model must be used)."
              + " Give it scales, or leave it out.",
          text,
          name);
    }
    return plan;
  }

  /** Returns the plan of plain VAR: one model decodes all {@code scales} scales. */
  public static DecodePlan single(String name, int scales) {
    return new DecodePlan(PerScale.constant(name, scales));
  }

  /**
   * Returns the plan of collaborative decoding.
   *
   * @param drafter name of the model of the first {@code draftScales} scales
   * @param refiner name of the model of the rest
   * @param draftScales from 1 to {@code scales - 1}
   * @param scales number of scales of an image
   */
  public static DecodePlan collaborative(
      String drafter, String refiner, int draftScales, int scales) {
    check(
        draftScales >= 1 && draftScales < scales,
        "Cannot split %d scales between a drafter and a refiner: the drafter would have %d (1 to"
            + " %d). Plain VAR needs one model only.",
        scales,
        draftScales,
        scales - 1);
    check(
        !drafter.equals(refiner),
        "Cannot split scales between a drafter and a refiner: both are named '%s' (two names are"
            + " needed). Plain VAR needs one model only.",
        drafter);
    return new DecodePlan(
        new PerScale<>(
            IntStream.range(0, scales)
                .mapToObj(k -> k < draftScales ? drafter : refiner)
                .toList()));
  }

  /** Returns the number of scales of an image. */
  public int scales() {
    return assignment.scales();
  }

  /** Returns the name of the model that decodes {@code scale}. */
  public String modelAt(int scale) {
    return assignment.at(scale);
  }

  /** Returns the names of the models in the order in which they are first used. */
  public List<String> models() {
    return assignment.values().stream().distinct().toList();
  }

  /** Says whether {@code model} decodes {@code scale}. */
  public boolean decodes(String model, int scale) {
    return modelAt(scale).equals(model);
  }

  /** Returns the first scale that {@code model} decodes. */
  public int firstScale(String model) {
    return used(model, assignment.values().indexOf(model));
  }

  /** Returns the last scale that {@code model} decodes; nobody reads its cache after that. */
  public int lastScale(String model) {
    return used(model, assignment.values().lastIndexOf(model));
  }

  /** Returns the runs of scales with one model each, coarse to fine. */
  public List<Leg> legs() {
    return assignment.runs().stream()
        .map(run -> new Leg(modelAt(run.first()), run.first(), run.last()))
        .toList();
  }

  /**
   * Returns how many scales the model of {@code scale} has seen when its turn comes: it knows
   * scales [0, n) and has to be prefilled with [n, {@code scale}), an empty range inside a leg.
   */
  public int scalesSeenBefore(int scale) {
    int seen = scale;
    while (seen > 0 && !decodes(modelAt(scale), seen - 1)) {
      seen--;
    }
    return seen;
  }

  /** Returns the canonical text, {@code big:1-8,small:9-10}. */
  @Override
  public String toString() {
    return assignment.rangesText();
  }

  private static String known(String name, Collection<String> names, String text) {
    check(
        names.contains(name),
        "Cannot use plan '%s': no model is named '%s' (there are %s). Correct the name, or name a"
            + " model so.",
        text,
        name,
        names.isEmpty() ? "none" : String.join(", ", new TreeSet<>(names)));
    return name;
  }

  private int used(String model, int scale) {
    if (scale < 0) {
      throw new IllegalArgumentException("No model '" + model + "' in the plan " + this);
    }
    return scale;
  }
}
