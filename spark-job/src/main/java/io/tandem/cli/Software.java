package io.tandem.cli;

import io.tandem.kernel.LibTorch;
import java.util.Map;

/** The versions that a result depends on. */
final class Software {

  private Software() {}

  /** Returns them by name, without loading natives. */
  static Map<String, String> byName() {
    return Map.of(
        "tandem", Tandem.Version.text(),
        "java", System.getProperty("java.version"),
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  /** Returns them in one line; the natives must be loaded. */
  static String versions() {
    return "Tandem %s, Java %s, %s"
        .formatted(Tandem.Version.text(), System.getProperty("java.version"), LibTorch.version());
  }
}
