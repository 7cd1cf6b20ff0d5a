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

  /**
   * Returns the same, remembering what brought it to light. Where {@code cause} is among {@code
   * args}, it stands in the message as a reason in words, without its class where it says enough.
   */
  public static UserError because(Throwable cause, String format, Object... args) {
    Object[] words = args.clone();
    for (int i = 0; i < words.length; i++) {
      if (cause != null && words[i] == cause) {
        words[i] = Reason.of(cause);
      }
    }
    return new UserError(String.format(Locale.ROOT, format, words), cause);
  }
}
