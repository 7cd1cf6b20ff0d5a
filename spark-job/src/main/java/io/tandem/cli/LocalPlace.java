package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths of options that can only be on a local disk. */
final class LocalPlace {

  private LocalPlace() {}

  /**
   * Returns the path that the user gave.
   *
   * @param option that it was given by
   * @throws UserError if it is none, or the address of something else
   */
  static Path of(String option, String text) {
    check(
        !text.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*"),
        "Cannot use %s '%s': it is an address (a path on a local disk is needed)",
        option,
        text);
    check(!text.isBlank(), "Cannot use %s '%s': it is empty (a path is needed)", option, text);
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw UserError.because(e, "Cannot use %s '%s': it is no path", option, text);
    }
  }
}
