package io.tandem.cli;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import io.tandem.base.UserError;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** Lets a configuration file include files of its own folder and nothing else. */
final class OwnFolderIncluder
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  private final String file;
  private final Path folder;

  /** The files that are being read, each included by the one before it. */
  private final Set<Path> open = new LinkedHashSet<>();

  /**
   * Makes an includer.
   *
   * @param file the configuration file as the user named it, for messages
   * @param folder its folder
   */
  OwnFolderIncluder(String file, Path folder) {
    this.file = file;
    this.folder = folder;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    Path wanted = folder.resolve(what);
    Path real;
    try {
      // Links are followed: what counts is where the content is.
      real = wanted.toRealPath();
      if (!real.getParent().equals(folder.toRealPath())) {
        throw refusal(what, "it is not in the folder of the file");
      }
    } catch (IOException e) {
      throw UserError.because(
          e, "Cannot include '%s' in config '%s': there is no such file", what, file);
    }
    if (!open.add(real)) {
      throw refusal(what, "it includes itself");
    }
    try {
      return ConfigFactory.parseFile(real.toFile(), context.parseOptions()).root();
    } finally {
      open.remove(real);
    }
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(context, what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refusal(what.toString(), "it is a URL");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw refusal(what, "it is a resource");
  }

  private UserError refusal(String what, String found) {
    return UserError.of(
        "Cannot include '%s' in config '%s': %s (files of the same folder can be included)",
        what, file, found);
  }

  /** Nothing falls back: the includer that the library would use reads URLs and resources. */
  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }
}
