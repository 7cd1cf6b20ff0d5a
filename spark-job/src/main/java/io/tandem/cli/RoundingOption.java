package io.tandem.cli;

import io.tandem.base.UserError;
import io.tandem.image.PixelRounding;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The option that says how decoded values become pixels. */
final class RoundingOption {

  @Option(
      names = "--pixel-rounding",
      defaultValue = "nearest",
      paramLabel = "HOW",
      description = {
        "nearest, or truncate as the public scripts of VAR and CoDe do (default ${DEFAULT-VALUE})."
      })
  private String rounding;

  /** Returns how decoded values become pixels. */
  PixelRounding value() {
    for (PixelRounding each : PixelRounding.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(rounding)) {
        return each;
      }
    }
    throw UserError.of("Cannot use --pixel-rounding '%s' (nearest or truncate)", rounding);
  }
}
