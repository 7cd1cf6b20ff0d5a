package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.io.Serializable;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What settles the samples of a run.
 *
 * @param options resolved values by the long name of the option, {@code guidance}; only those that
 *     belong to the data set, so neither the size of waves nor anything of the cluster
 * @param models no two of the same name
 * @param identity what decides the bits beside the options, by name
 */
public record RunSettings(
    SortedMap<String, String> options, List<RunModel> models, SortedMap<String, String> identity)
    implements Serializable {

  public RunSettings {
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
    models = List.copyOf(models);
    identity = Collections.unmodifiableSortedMap(new TreeMap<>(identity));
    options.forEach(
        (name, value) ->
            check(
                value.length() <= Fields.LONGEST_TEXT,
                "Cannot store option '%s': it has %d characters (at most %d)",
                name,
                value.length(),
                Fields.LONGEST_TEXT));
    Set<String> names = new HashSet<>();
    for (RunModel model : models) {
      if (!names.add(model.name())) {
        throw new IllegalArgumentException("Two models are called '" + model.name() + "'");
      }
    }
  }
}
