package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a new start differs from the run that it wants to continue.
 *
 * @param settings each difference that would make other samples, {@code guidance: 1.5 there, 2.0
 *     here}
 * @param identity each difference of the numeric identity, by which the same samples come out with
 *     other last bits
 */
public record RunDifference(List<String> settings, List<String> identity) {

  /** What may grow: a longer run begins with the samples of the shorter one. */
  private static final Set<String> GROWING = Set.of("images", "per-class");

  private static final String NOTHING = "not given";

  /** Longest part of a value in a message. */
  private static final int LONGEST = 60;

  public RunDifference {
    settings = List.copyOf(settings);
    identity = List.copyOf(identity);
  }

  /**
   * Compares what is stored with what is wanted now.
   *
   * <p>Options differ if their texts do, so both must be resolved the same way; {@code images} and
   * {@code per-class} only if there are fewer now. Models differ if their digests do: a file may
   * have moved.
   */
  public static RunDifference between(RunSettings there, RunSettings here) {
    List<String> settings = differences(there.options(), here.options());
    Map<String, RunModel> models = new LinkedHashMap<>();
    here.models().forEach(model -> models.put(model.name(), model));
    for (RunModel model : there.models()) {
      RunModel other = models.remove(model.name());
      if (other == null) {
        settings.add("model " + line(model.name(), described(model), NOTHING));
      } else if (!other.sha256().equals(model.sha256())) {
        settings.add("model " + line(model.name(), described(model), described(other)));
      }
    }
    models.values().forEach(m -> settings.add("model " + line(m.name(), NOTHING, described(m))));
    return new RunDifference(settings, differences(there.identity(), here.identity()));
  }

  private static List<String> differences(Map<String, String> there, Map<String, String> here) {
    Set<String> names = new TreeSet<>(there.keySet());
    names.addAll(here.keySet());
    Map<String, String> differences = new TreeMap<>();
    for (String name : names) {
      String old = there.get(name);
      String now = here.get(name);
      if (old == null || now == null) {
        differences.put(name, line(name, old == null ? NOTHING : old, now == null ? NOTHING : now));
      } else if (GROWING.contains(name) && isNumber(old) && isNumber(now)) {
        if (Long.parseLong(now) < Long.parseLong(old)) {
          differences.put(name, line(name, old, now) + " (it may only grow)");
        }
      } else if (!old.equals(now)) {
        differences.put(name, line(name, old, now));
      }
    }
    return new ArrayList<>(differences.values());
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,18}");
  }

  private static String described(RunModel model) {
    return "'%s' (sha256 %s...)".formatted(model.origin(), model.sha256().substring(0, 12));
  }

  /** Shows both values from a little before where they part. */
  private static String line(String name, String there, String here) {
    int common = 0;
    while (common < Math.min(there.length(), here.length())
        && there.charAt(common) == here.charAt(common)) {
      common++;
    }
    boolean isLong = Math.max(there.length(), here.length()) > LONGEST;
    int start = isLong && common > LONGEST / 2 ? common - LONGEST / 4 : 0;
    return Shown.text(name) + ": " + part(there, start) + " there, " + part(here, start) + " here";
  }

  private static String part(String value, int start) {
    String rest = value.substring(Math.min(start, value.length()));
    String shown = rest.length() <= LONGEST ? rest : rest.substring(0, LONGEST) + "...";
    return Shown.text((start > 0 ? "..." : "") + shown);
  }

  /**
   * Passes if the settings are the same.
   *
   * @param folder what the user calls the run
   * @throws io.tandem.base.UserError otherwise, with each difference
   */
  public void checkSettings(String folder) {
    check(
        settings.isEmpty(),
        "Cannot continue the run in '%s': it was begun with other settings (%s). Use the same ones,"
            + " or another --out.",
        folder,
        String.join("; ", settings));
  }

  /** Returns the differences of the numeric identity in one sentence, none if there are none. */
  public Optional<String> identityText() {
    return identity.isEmpty()
        ? Optional.empty()
        : Optional.of("another numeric identity: " + String.join("; ", identity));
  }
}
