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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Defaults of options from a HOCON file: {@code guidance = 1.5}, {@code labels = [3, 7]}, {@code
 * model = { big = "random:16", small = "random:8" }}.
 *
 * <p>Keys are the long names of options without the dashes, of any command, so that one file serves
 * several. The environment is not substituted, and a file includes only files of its own folder: a
 * preset means the same everywhere and reads nothing else.
 */
final class ConfigFile implements IDefaultValueProvider {

  /** The option that names the file. */
  static final String OPTION = "--config";

  /** Between the values of an option that is given several times. */
  static final String SEPARATOR = "\n";

  private static final String DASHES = "--";

  /** Options that say what to run, not how. */
  private static final List<String> NO_KEYS = List.of("config", "help", "version", "stacktrace");

  private final Map<String, List<String>> values;

  private ConfigFile(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * Returns the values of the file that {@code args} name, none if they name none.
   *
   * @throws UserError if the file cannot be read or holds a key that is no option of {@code
   *     commands}
   */
  static ConfigFile named(String[] args, CommandLine commands) {
    String file = null;
    for (int i = 0; i < args.length && !args[i].equals(DASHES); i++) {
      if (args[i].equals(OPTION) && i + 1 < args.length) {
        file = args[i + 1];
      } else if (args[i].startsWith(OPTION + "=")) {
        file = args[i].substring(OPTION.length() + 1);
      }
    }
    return file == null ? new ConfigFile(Map.of()) : read(file, keys(commands));
  }

  /** Returns the names of all long options of all commands, without the dashes. */
  static NavigableSet<String> keys(CommandLine commands) {
    NavigableSet<String> keys = new TreeSet<>();
    for (OptionSpec option : commands.getCommandSpec().options()) {
      if (option.longestName().startsWith(DASHES)) {
        keys.add(option.longestName().substring(DASHES.length()));
      }
    }
    commands.getSubcommands().values().forEach(command -> keys.addAll(keys(command)));
    NO_KEYS.forEach(keys::remove);
    return keys;
  }

  private static ConfigFile read(String file, NavigableSet<String> keys) {
    Map<String, List<String>> values = new HashMap<>();
    for (Map.Entry<String, ConfigValue> entry : parsed(file).root().entrySet()) {
      String key = entry.getKey();
      if (!keys.contains(key)) {
        throw UserError.of(
            "Cannot use config '%s': '%s' is no option (the nearest is '%s'). Keys are the long"
                + " names of options without the dashes.",
            file, key, Spelling.nearest(key, keys));
      }
      values.put(key, texts(file, key, entry.getValue()));
    }
    return new ConfigFile(values);
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
    if (argument instanceof OptionSpec option && option.longestName().startsWith(DASHES)) {
      List<String> texts = values.get(option.longestName().substring(DASHES.length()));
      return texts == null ? null : String.join(option.isMultiValue() ? SEPARATOR : ",", texts);
    }
    return null;
  }
}
