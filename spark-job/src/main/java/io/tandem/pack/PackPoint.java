package io.tandem.pack;

import io.tandem.plan.DecodePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A way to decode images whose quality is measured.
 *
 * @param name what it is called: letters, digits and {@code -}
 * @param plan which models decode
 */
record PackPoint(String name, DecodePlan plan) {

  /** Returns all points of a pack whose images have {@code scales} scales. */
  static List<PackPoint> all(int scales) {
    List<PackPoint> points = new ArrayList<>();
    points.add(alone(PackModels.DRAFTER, scales));
    points.add(alone(PackModels.REFINER, scales));
    for (int n = 1; n < scales; n++) {
      points.add(pair(code(n), PackModels.DRAFTER, PackModels.REFINER, n, scales));
    }
    int tuned = PackModels.tunedDraftScales(scales);
    points.add(
        pair(
            tuned(scales),
            PackModels.tunedDrafter(scales),
            PackModels.tunedRefiner(scales),
            tuned,
            scales));
    points.add(
        pair(
            control(scales),
            PackModels.CONTROL_DRAFTER,
            PackModels.CONTROL_REFINER,
            tuned,
            scales));
    points.add(alone(PackModels.LAST_THREE_REFINER, scales));
    points.add(
        pair(
            lastThree(scales),
            PackModels.DRAFTER,
            PackModels.LAST_THREE_REFINER,
            scales - 3,
            scales));
    return points;
  }

  private static PackPoint alone(String model, int scales) {
    return new PackPoint(model, DecodePlan.single(model, scales));
  }

  private static PackPoint pair(String name, String drafter, String refiner, int n, int scales) {
    return new PackPoint(name, DecodePlan.collaborative(drafter, refiner, n, scales));
  }

  /** Returns the name of collaborative decoding without fine-tuning. */
  static String code(int draftScales) {
    return "code-n" + draftScales;
  }

  /** Returns the name of collaborative decoding by the fine-tuned pair. */
  static String tuned(int scales) {
    return "tuned-n" + PackModels.tunedDraftScales(scales);
  }

  /** Returns the name of collaborative decoding by the pair that got ordinary training instead. */
  static String control(int scales) {
    return "control-n" + PackModels.tunedDraftScales(scales);
  }

  /**
   * Returns the name of collaborative decoding whose refiner went on with the last three scales.
   */
  static String lastThree(int scales) {
    return "last3-n" + (scales - 3);
  }

  /** Returns how many scales the drafter decodes, if there are two models. */
  Optional<Integer> draftScales() {
    List<DecodePlan.Leg> legs = plan.legs();
    return legs.size() == 1 ? Optional.empty() : Optional.of(legs.get(0).last() + 1);
  }
}
