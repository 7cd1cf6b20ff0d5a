package io.tandem.job;

import io.tandem.base.Checks;
import io.tandem.base.UserError;
import io.tandem.features.FeatureIdentity;
import io.tandem.fid.Reference;
import java.util.Map;
import java.util.Optional;

/** Reads what a reference says of itself: the lines of {@link FeatureIdentity#text}. */
final class ReferenceIdentity {

  private ReferenceIdentity() {}

  /** Returns a line of an identity. */
  static Optional<String> line(Optional<String> identity, String name) {
    return identity.stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst();
  }

  /**
   * Passes if statistics are of the same features. Those of other tools say no more than how many
   * features they have.
   *
   * @param name what messages call the reference
   * @throws io.tandem.base.UserError that names both kinds of features otherwise
   */
  static void require(String name, Reference reference, FeatureIdentity features) {
    for (Map.Entry<String, String> wanted : features.facts().entrySet()) {
      Optional<String> found = line(reference.identity(), wanted.getKey());
      if (found.isPresent() && !found.get().equals(wanted.getValue())) {
        throw UserError.of(
            "Cannot compare with the reference '%s': it is of %s, the images' features are of %s"
                + " (the same). Pass --features and --profile of the reference, or make another"
                + " one.",
            name, shown(reference.identity()), features);
      }
    }
    Checks.check(
        reference.features().dimension() == features.dimension(),
        "Cannot compare with the reference '%s': its statistics are of %d features, the images'"
            + " features are of %s (equal numbers). Pass a reference of the same feature network.",
        name,
        reference.features().dimension(),
        features);
  }

  private static String shown(Optional<String> identity) {
    return "%s (profile %s, %s features, weights %.12s)"
        .formatted(
            line(identity, "network").orElse("an unknown network"),
            line(identity, "profile").orElse("?"),
            line(identity, "dimension").orElse("?"),
            line(identity, "weights_sha256").orElse("?"));
  }
}
