package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the tensors of a checkpoint differ from those of its architecture, one line of text each.
 *
 * @param missing tensors that the architecture needs and the file lacks
 * @param extra tensors of the file that the architecture does not know
 * @param misshapen tensors of another shape or number format, and values that make no architecture
 */
public record CheckpointFindings(List<String> missing, List<String> extra, List<String> misshapen) {

  private static final Set<NumberFormat> FLOATS =
      Set.of(
          NumberFormat.FLOAT16, NumberFormat.BFLOAT16, NumberFormat.FLOAT32, NumberFormat.FLOAT64);

  public CheckpointFindings {
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    misshapen = List.copyOf(misshapen);
  }

  /** Returns whether the checkpoint is exactly what its architecture needs. */
  public boolean isEmpty() {
    return count() == 0;
  }

  /** Returns the number of lines. */
  public int count() {
    return missing.size() + extra.size() + misshapen.size();
  }

  /**
   * Compares {@code source} with the tensors it should have.
   *
   * @param expected shapes by name
   * @param guesses what could not be read from the source, so that it is not held against it
   */
  static CheckpointFindings compare(
      WeightSource source, Map<String, List<Long>> expected, Guesses guesses) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>(guesses.faults());
    expected.forEach(
        (name, shape) -> {
          boolean isGuess = guesses.names().contains(name);
          if (!source.names().contains(name)) {
            missing.add(isGuess ? name + remark(name) : name + " " + shape);
          } else if (!isGuess) {
            addIfMisshapen(misshapen, source.spec(name), shape);
          }
        });
    List<String> extra = new ArrayList<>();
    for (String name : source.names()) {
      if (!expected.containsKey(name) && !WeightNames.isIgnorable(name)) {
        extra.add(Refusal.shown(name) + " " + source.spec(name).shape());
      }
    }
    return new CheckpointFindings(missing, extra, misshapen);
  }

  /**
   * What stands in for values that a checkpoint does not tell.
   *
   * @param names tensors whose expected shape is a guess
   * @param faults lines on values that make no architecture
   */
  record Guesses(Set<String> names, List<String> faults) {}

  /**
   * Passes if there are no findings.
   *
   * @param architecture what was read from the file, for the message
   * @throws UserError listing all of them otherwise
   */
  void require(CheckpointKind kind, WeightSource source, String architecture) {
    if (isEmpty()) {
      return;
    }
    StringBuilder message =
        new StringBuilder("Cannot load ")
            .append(kind.noun())
            .append(" from '")
            .append(source.origin())
            .append("': ")
            .append(count())
            .append(count() == 1 ? " of its tensors is" : " of its tensors are")
            .append(" missing, extra or misshapen (it looks like ")
            .append(architecture)
            .append("). Use the complete file of one model.");
    missing.forEach(line -> message.append("\n  missing: ").append(line));
    extra.forEach(line -> message.append("\n  extra: ").append(line));
    misshapen.forEach(line -> message.append("\n  misshapen: ").append(line));
    throw new UserError(message.toString());
  }

  private static String remark(String name) {
    return name.equals(WeightNames.LEVELS)
        ? " (INT64 [1, tokens], the scale of each token: the scale schedule is read from it)"
        : "";
  }

  private static void addIfMisshapen(List<String> lines, TensorSpec found, List<Long> shape) {
    if (!found.shape().equals(shape)) {
      lines.add(found.name() + " is " + found.shape() + ", expected " + shape);
    }
    boolean isLevels = found.name().equals(WeightNames.LEVELS);
    if (isLevels ? found.format() != NumberFormat.INT64 : !FLOATS.contains(found.format())) {
      String expected = isLevels ? "INT64" : "FLOAT16, BFLOAT16, FLOAT32 or FLOAT64";
      lines.add(found.name() + " has numbers of " + found.format() + ", expected " + expected);
    }
  }
}
