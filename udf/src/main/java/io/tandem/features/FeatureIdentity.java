package io.tandem.features;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * By what features are known: those of two identities never belong in one computation.
 *
 * @param network in words
 * @param weightsSha256 digest of the network's weights, the same whatever file they came in
 * @param profile by which pictures were prepared
 * @param dimension numbers in a feature vector
 */
public record FeatureIdentity(String network, String weightsSha256, Profile profile, int dimension)
    implements Serializable {

  /** Returns what decides whether features belong together, by name. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("network", network);
    facts.put("weights_sha256", weightsSha256);
    facts.put("profile", profile.label());
    facts.put("dimension", "" + dimension);
    return facts;
  }

  /**
   * Returns what a reference of such features says of itself: lines {@code name: value}, first the
   * {@link #facts}, then {@code more}; control characters in values become {@code ?}.
   */
  public String text(Map<String, String> more) {
    Map<String, String> lines = facts();
    lines.putAll(more);
    return lines.entrySet().stream()
        .map(line -> line.getKey() + ": " + line.getValue().replaceAll("\\p{Cntrl}", "?"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Override
  public String toString() {
    return "%s (profile %s, %d features, weights %s)"
        .formatted(
            network,
            profile,
            dimension,
            weightsSha256.substring(0, Math.min(12, weightsSha256.length())));
  }
}
