package io.tandem.base;

/** Checks at the border, where values of users and files come in. */
public final class Checks {

  private Checks() {}

  /**
   * Passes if {@code expected} is true.
   *
   * @throws UserError with the formatted message otherwise
   */
  public static void check(boolean expected, String format, Object... args) {
    if (!expected) {
      throw UserError.of(format, args);
    }
  }
}
