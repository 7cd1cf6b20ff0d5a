package io.tandem.weights;

import io.tandem.base.UserError;
import java.util.Locale;

/** Errors about a file that cannot be loaded. */
final class Refusal {

  private static final int SHOWN = 120;

  private Refusal() {}

  /** Returns {@code Cannot load weights from 'origin': } and {@code found} filled in. */
  static UserError of(String origin, String found, Object... args) {
    return new UserError(
        "Cannot load weights from '" + origin + "': " + String.format(Locale.ROOT, found, args));
  }

  /**
   * Returns text of a file fit for a message: control characters are replaced, and what is long is
   * cut.
   */
  static String shown(String text) {
    String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return cut.replaceAll("\\p{C}", "?");
  }
}
