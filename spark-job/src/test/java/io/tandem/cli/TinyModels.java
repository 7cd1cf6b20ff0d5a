package io.tandem.cli;

import java.nio.file.Path;

/** The tiny golden checkpoints, which live with the tests of the other module. */
final class TinyModels {

  static final String LARGE = file("var_d2.pth");
  static final String SMALL = file("var_d1.pth");
  static final String VAE = file("vae.pth");

  private TinyModels() {}

  private static String file(String name) {
    return Path.of(System.getProperty("basedir", ""))
        .resolveSibling("udf/src/test/resources/io/tandem/golden/tiny")
        .resolve(name)
        .toString();
  }
}
