package io.tandem.executor;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Runs that are made together: batch by batch, what several of them decode in the same way is
 * decoded once.
 *
 * @param runs at least one; they have the samples, the tokeniser and the execution in common, and
 *     names of their own
 */
public record GenerateGroup(List<GenerateSpec> runs) implements Serializable {

  public GenerateGroup {
    runs = List.copyOf(runs);
    GenerateSpec first = runs.get(0);
    Set<String> names = new HashSet<>();
    for (GenerateSpec run : runs) {
      boolean fits =
          run.sampling().equals(first.sampling())
              && run.execution().equals(first.execution())
              && run.models().tokeniser().sha256().equals(first.models().tokeniser().sha256())
              && names.add(run.runId());
      if (!fits) {
        throw new IllegalArgumentException("Cannot make " + run + " together with " + first);
      }
    }
  }

  /** Returns the group of a run that is made alone. */
  static GenerateGroup of(GenerateSpec run) {
    return new GenerateGroup(List.of(run));
  }

  GenerateSpec.Sampling sampling() {
    return runs.get(0).sampling();
  }

  GenerateSpec.Execution execution() {
    return runs.get(0).execution();
  }
}
