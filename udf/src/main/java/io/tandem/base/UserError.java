package io.tandem.base;

import java.util.Locale;

/**
 * A mistake in what the user gave: a flag, a file, a checkpoint. The command line prints its
 * message without a stack trace and exits with 2; every other exception is a fault of Tandem.
 *
 * <p>Messages read {@code Cannot <do what> <to what>: <what was found> (<what is legal>). <what to
 * do>}.
 */
public final class UserError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns an error whose message is {@code format} filled in with {@code args}. */
  public static UserError of(String format, Object... args) {
    return new UserError(String.format(Locale.ROOT, format, args));
  }

  /** Returns the same, remembering what brought it to light. */
  public static UserError because(Throwable cause, String format, Object... args) {
    return new UserError(String.format(Locale.ROOT, format, args), cause);
  }
}
