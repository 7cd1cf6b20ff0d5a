package io.tandem.cli;

import io.tandem.kernel.LibTorch;

/** The versions that a result depends on. */
final class Software {

  private Software() {}

  /** Returns them in one line; the natives must be loaded. */
  static String versions() {
    return "Tandem %s, Java %s, %s"
        .formatted(Tandem.Version.text(), System.getProperty("java.version"), LibTorch.version());
  }
}
