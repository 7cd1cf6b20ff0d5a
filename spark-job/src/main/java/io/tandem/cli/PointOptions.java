package io.tandem.cli;

import io.tandem.base.UserError;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/**
 * The options of one point of a sweep, read as {@code generate} reads them from a file: what points
 * may differ in.
 */
@Command(name = "point")
final class PointOptions {

  /** What is one for all points, or changes no sample. */
  private static final List<String> OF_ALL = List.of("device", "threads", "latency");

  @Mixin private DataSetOptions dataSet;

  /** Returns the names of the options that a point may set. */
  static NavigableSet<String> keys() {
    NavigableSet<String> keys = ConfigFile.keys(new CommandLine(new PointOptions()));
    OF_ALL.forEach(keys::remove);
    return keys;
  }

  /**
   * Returns the options of a point.
   *
   * @param values by the names of options, without the dashes; all others are the usual ones
   * @throws io.tandem.base.UserError if a value is none for its option
   */
  static DataSetOptions read(String point, Map<String, List<String>> values) {
    PointOptions options = new PointOptions();
    CommandLine command = new CommandLine(options);
    command.setDefaultValueProvider(ConfigFile.of(values));
    try {
      command.parseArgs();
    } catch (ParameterException e) {
      throw UserError.because(e, "Cannot use the point '%s': %s", point, e.getMessage());
    }
    return options.dataSet;
  }
}
