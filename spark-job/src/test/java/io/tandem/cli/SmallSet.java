package io.tandem.cli;

import java.util.ArrayList;
import java.util.List;

/** The command line of a data set that is made in a second: 24 images in three waves. */
final class SmallSet {

  static final int IMAGES = 24;

  private SmallSet() {}

  /**
   * Returns the command for {@code out}; {@code more} may set the VAE, the images and the waves.
   */
  static List<String> command(String out, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--model",
                "big=" + TinyModels.LARGE,
                "--model",
                "small=" + TinyModels.SMALL,
                "--plan",
                "big:1-3,small:4",
                "--precision",
                "fp32",
                "--batch-size",
                "4",
                "--out",
                out));
    List<String> given = List.of(more);
    if (!given.contains("--vae")) {
      args.addAll(List.of("--vae", TinyModels.VAE));
    }
    if (!given.contains("--images")) {
      args.addAll(List.of("--images", "" + IMAGES));
    }
    if (!given.contains("--wave-images")) {
      args.addAll(List.of("--wave-images", "8"));
    }
    args.addAll(given);
    return args;
  }

  /** Runs the command in this JVM. */
  static Ran here(String out, String... more) {
    return Ran.tandem(command(out, more).toArray(String[]::new));
  }

  /** Runs {@code verify} in this JVM, which makes the batches of {@code samples} again. */
  static Ran verify(String run, int samples) {
    return Ran.tandem("verify", "--run", run, "--samples", "" + samples);
  }
}
