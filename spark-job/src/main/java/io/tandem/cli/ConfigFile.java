package io.tandem.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import io.tandem.base.UserError;
import io.tandem.sweep.Grid;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Defaults of options from a HOCON file: {@code guidance = 1.5}, {@code labels = [3, 7]}, {@code
 * model = { big = "random:16", small = "random:8" }}.
 *
 * <p>Keys are the long names of options without the dashes, of any command, so that one file serves
 * several. What the command line says wins, also over the file's other ways to say the same. The
 * command {@code generate} has the built-in {@code demo.conf} unless a file or models are named.
 * The environment is not substituted, and a file includes only files of its own folder: a preset
 * means the same everywhere and reads nothing else. A file for the command {@code sweep} may hold a
 * grid as well, in {@code axes} and {@code points}.
 */
final class ConfigFile implements IDefaultValueProvider {

  /** The option that names the file. */
  static final String OPTION = "--config";

  /** Between the values of an option that is given several times. */
  static final String SEPARATOR = "\n";

  /** The file that counts when the command line names none. */
  private static final String DEMO = "demo.conf";

  /** The command that has such a file, unless it names models. */
  private static final String COMMAND_WITH_DEMO = "generate";

  private static final Set<String> MODELS = Set.of("model", "drafter", "refiner", "vae");

  private static final Set<String> PAIR = Set.of("drafter", "refiner", "draft-scales");
  private static final Set<String> NAMED = Set.of("model", "plan");
  private static final Set<String> COUNTS = Set.of("images", "per-class");
  private static final Set<String> LABELS = Set.of("labels", "labels-from", "images", "per-class");

  /**
   * What an option on the command line takes the place of, besides itself: the file's other ways to
   * say the same.
   */
  private static final Map<String, Set<String>> REPLACED =
      Map.of(
          "model", PAIR,
          "plan", PAIR,
          "drafter", NAMED,
          "refiner", NAMED,
          "draft-scales", NAMED,
          "images", LABELS,
          "per-class", LABELS,
          "labels", union(COUNTS, Set.of("labels-from", "classes")),
          "labels-from", union(COUNTS, Set.of("labels", "classes")));

  private static final String DASHES = "--";

  /** Options that say what to run, not how. */
  private static final List<String> NO_KEYS = List.of("config", "help", "version", "stacktrace");

  /** The command whose files may hold a grid. */
  private static final String COMMAND_WITH_GRID = "sweep";

  private static final String AXES = "axes";
  private static final String POINTS = "points";
  private static final String NAME = "name";

  /** Where values come from that no file holds. */
  private static final String NO_FILE = "";

  private final String file;
  private final Map<String, List<String>> values;
  private final Optional<GridText> grid;

  private ConfigFile(String file, Map<String, List<String>> values, Optional<GridText> grid) {
    this.file = file;
    this.values = values;
    this.grid = grid;
  }

  /** A grid as a file writes it: what is in {@code axes} and {@code points}. */
  private record GridText(String file, Config config) {}

  /** Returns {@code values}, by the names of options without the dashes. */
  static ConfigFile of(Map<String, List<String>> values) {
    return new ConfigFile(NO_FILE, Map.copyOf(values), Optional.empty());
  }

  /** Returns the values by the names of options without the dashes. */
  Map<String, List<String>> values() {
    return values;
  }

  /** Returns the complaint about a value of this file, if that is what {@code failure} is. */
  Optional<UserError> complaint(ParameterException failure) {
    if (failure.getArgSpec() instanceof OptionSpec option
        && isLong(option)
        && !file.isEmpty()
        && values.containsKey(key(option))) {
      return Optional.of(
          UserError.because(failure, "Cannot use config '%s': %s", file, failure.getMessage()));
    }
    return Optional.empty();
  }

  /** Returns these values with others that take their place, and that of what says the same. */
  Map<String, List<String>> with(Map<String, List<String>> others) {
    Map<String, List<String>> merged = without(values, others.keySet());
    merged.putAll(others);
    return merged;
  }

  /**
   * Returns the grid of the file.
   *
   * @param keys names of the options that points may set
   * @throws UserError if there is none, or it makes no sense
   */
  Grid grid(NavigableSet<String> keys) {
    GridText text =
        grid.orElseThrow(
            () ->
                new UserError(
                    "Cannot sweep without a grid: no file names axes or points. Pass --config FILE,"
                        + " such as conf/studies/draft-scales.conf."));
    Map<String, List<List<String>>> axes = new LinkedHashMap<>();
    for (Map.Entry<String, ConfigValue> axis : object(text, AXES).entrySet()) {
      checkKey(text.file, AXES, axis.getKey(), keys);
      if (!(axis.getValue() instanceof ConfigList list)) {
        throw UserError.of(
            "Cannot use config '%s': the axis '%s' is no list of values (such as [6, 7])",
            text.file, axis.getKey());
      }
      axes.put(
          axis.getKey(), list.stream().map(each -> texts(text.file, axis.getKey(), each)).toList());
    }
    Map<String, Map<String, List<String>>> listed = new LinkedHashMap<>();
    for (ConfigValue point : list(text, POINTS)) {
      addPoint(text.file, point, keys, listed);
    }
    try {
      return new Grid(axes, listed);
    } catch (UserError e) {
      throw UserError.because(e, "Cannot use config '%s': %s", text.file, e.getMessage());
    }
  }

  private static void addPoint(
      String file,
      ConfigValue point,
      NavigableSet<String> keys,
      Map<String, Map<String, List<String>>> listed) {
    if (!(point instanceof ConfigObject object) || !object.containsKey(NAME)) {
      throw UserError.of(
          "Cannot use config '%s': a point has no name ({ name = small, draft-scales = 6 } or the"
              + " like)",
          file);
    }
    String name = scalar(file, NAME, object.get(NAME));
    Map<String, List<String>> settings = new LinkedHashMap<>();
    for (Map.Entry<String, ConfigValue> each : inOrder(object)) {
      if (!each.getKey().equals(NAME)) {
        checkKey(file, "point '" + name + "'", each.getKey(), keys);
        settings.put(each.getKey(), texts(file, each.getKey(), each.getValue()));
      }
    }
    if (listed.put(name, settings) != null) {
      throw UserError.of("Cannot use config '%s': two points are named '%s'", file, name);
    }
  }

  private static void checkKey(String file, String place, String key, NavigableSet<String> keys) {
    if (!keys.contains(key)) {
      throw UserError.of(
          "Cannot use config '%s': '%s' in %s is nothing that points can differ in (the nearest is"
              + " '%s'). Keys are options of generate without the dashes.",
          file, key, place, Spelling.nearest(key, keys));
    }
  }

  private static Map<String, ConfigValue> object(GridText text, String name) {
    Map<String, ConfigValue> entries = new LinkedHashMap<>();
    if (!text.config.hasPath(name)) {
      return entries;
    }
    if (!(text.config.getValue(name) instanceof ConfigObject object)) {
      throw UserError.of(
          "Cannot use config '%s': '%s' is no object (such as { draft-scales = [6, 7] })",
          text.file, name);
    }
    inOrder(object).forEach(each -> entries.put(each.getKey(), each.getValue()));
    return entries;
  }

  private static List<ConfigValue> list(GridText text, String name) {
    if (!text.config.hasPath(name)) {
      return List.of();
    }
    if (!(text.config.getValue(name) instanceof ConfigList list)) {
      throw UserError.of(
          "Cannot use config '%s': '%s' is no list (such as [{ name = small, draft-scales = 6 }])",
          text.file, name);
    }
    return list;
  }

  /** The library forgets the order of keys; lines tell it. */
  private static List<Map.Entry<String, ConfigValue>> inOrder(ConfigObject object) {
    return object.entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<String, ConfigValue> each) -> each.getValue().origin().lineNumber())
                .thenComparing(Map.Entry::getKey))
        .toList();
  }

  /**
   * Returns the values of the file that {@code args} name, else those that count without one.
   *
   * @throws UserError if the file cannot be read or holds a key that is no option of {@code
   *     commands}
   */
  static ConfigFile named(String[] args, CommandLine commands) {
    String file = null;
    Set<String> given = new HashSet<>();
    for (int i = 0; i < args.length && !args[i].equals(DASHES); i++) {
      if (args[i].equals(OPTION) && i + 1 < args.length) {
        file = args[i + 1];
      } else if (args[i].startsWith(OPTION + "=")) {
        file = args[i].substring(OPTION.length() + 1);
      }
      if (args[i].startsWith(DASHES)) {
        given.add(args[i].substring(DASHES.length()).replaceFirst("=.*", ""));
      }
    }
    Map<String, List<String>> values = Map.of();
    Optional<GridText> grid = Optional.empty();
    if (file != null) {
      Config config = parsed(file);
      NavigableSet<String> keys = keys(commands);
      if (List.of(args).contains(COMMAND_WITH_GRID)) {
        grid = Optional.of(new GridText(file, config));
        config = config.withoutPath(AXES).withoutPath(POINTS);
        keys.addAll(List.of(AXES, POINTS));
      }
      values = read(file, config, keys, several(commands));
    } else if (List.of(args).contains(COMMAND_WITH_DEMO) && Collections.disjoint(given, MODELS)) {
      values = read(DEMO, demo(), keys(commands), several(commands));
    }
    Map<String, List<String>> left = without(values, given);
    left.keySet().removeAll(given);
    return new ConfigFile(file == null ? NO_FILE : file, left, grid);
  }

  /** Returns the values that no option of {@code given} takes the place of. */
  private static Map<String, List<String>> without(
      Map<String, List<String>> values, Set<String> given) {
    Map<String, List<String>> left = new HashMap<>(values);
    given.forEach(option -> left.keySet().removeAll(REPLACED.getOrDefault(option, Set.of())));
    return left;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> union = new HashSet<>(some);
    union.addAll(others);
    return union;
  }

  private static Config demo() {
    try (InputStream in = ConfigFile.class.getResourceAsStream(DEMO)) {
      if (in == null) {
        throw new IllegalStateException("This build carries no " + DEMO);
      }
      return ConfigFactory.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the names of all long options of all commands, without the dashes. */
  static NavigableSet<String> keys(CommandLine commands) {
    NavigableSet<String> keys = new TreeSet<>();
    options(commands).forEach(option -> keys.add(key(option)));
    NO_KEYS.forEach(keys::remove);
    return keys;
  }

  /** Returns the names of the options that take several values, which may have names. */
  private static Set<String> several(CommandLine commands) {
    return options(commands)
        .filter(OptionSpec::isMultiValue)
        .map(ConfigFile::key)
        .collect(Collectors.toSet());
  }

  /** Returns the long options of all commands. */
  private static Stream<OptionSpec> options(CommandLine commands) {
    return Stream.concat(
        commands.getCommandSpec().options().stream().filter(ConfigFile::isLong),
        commands.getSubcommands().values().stream().flatMap(ConfigFile::options));
  }

  private static boolean isLong(OptionSpec option) {
    return option.longestName().startsWith(DASHES);
  }

  private static String key(OptionSpec option) {
    return option.longestName().substring(DASHES.length());
  }

  private static Map<String, List<String>> read(
      String file, Config config, NavigableSet<String> keys, Set<String> several) {
    Map<String, List<String>> values = new HashMap<>();
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      String key = entry.getKey();
      if (entry.getValue() instanceof ConfigObject object
          && !object.isEmpty()
          && keys.contains(key)
          && !several.contains(key)) {
        key += "." + Collections.min(object.keySet());
      }
      if (!keys.contains(key)) {
        throw UserError.of(
            "Cannot use config '%s': '%s' is no option (the nearest is '%s'). Keys are the long"
                + " names of options without the dashes.",
            file, key, Spelling.nearest(key, keys));
      }
      values.put(key, texts(file, key, entry.getValue()));
    }
    return values;
  }

  private static Config parsed(String file) {
    Path path = Path.of(file);
    if (!Files.isRegularFile(path)) {
      throw UserError.of(
          "Cannot use config '%s': %s",
          file, Files.isDirectory(path) ? "it is a directory" : "there is no such file");
    }
    try {
      ConfigParseOptions options =
          ConfigParseOptions.defaults()
              .setSyntax(ConfigSyntax.CONF)
              .setAllowMissing(false)
              .setIncluder(new OwnFolderIncluder(file, path.toAbsolutePath().getParent()));
      return ConfigFactory.parseFile(path.toFile(), options)
          .resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw UserError.because(e, "Cannot use config '%s': %s", file, e.getMessage());
    } catch (StackOverflowError e) {
      throw UserError.because(e, "Cannot use config '%s': it is nested too deep", file);
    }
  }

  private static List<String> texts(String file, String key, ConfigValue value) {
    List<String> texts = new ArrayList<>();
    if (value instanceof ConfigObject object) {
      object.forEach((name, each) -> texts.add(name + "=" + scalar(file, key, each)));
    } else if (value instanceof ConfigList list) {
      list.forEach(each -> texts.add(scalar(file, key, each)));
    } else {
      texts.add(scalar(file, key, value));
    }
    return texts;
  }

  private static String scalar(String file, String key, ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> value.unwrapped().toString();
      default ->
          throw UserError.of(
              "Cannot use config '%s': the value of '%s' is nested too deep or null (a string, a"
                  + " number, true, false, a list or an object of them).",
              file, key);
    };
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option && isLong(option)) {
      List<String> texts = values.get(key(option));
      return texts == null ? null : String.join(option.isMultiValue() ? SEPARATOR : ",", texts);
    }
    return null;
  }
}
