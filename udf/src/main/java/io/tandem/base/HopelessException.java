package io.tandem.base;

import java.util.Optional;

/**
 * What another attempt cannot mend: a file that is missing or not the run's, a machine that would
 * make other images. Whoever retries gives up at once.
 *
 * <p>Messages read like those of {@link UserError} and are shown to the user alone, without a stack
 * trace.
 */
public abstract class HopelessException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Makes an exception of {@code message}. */
  protected HopelessException(String message) {
    super(message);
  }

  /** Returns the first such exception among {@code thrown} and its causes. */
  public static Optional<HopelessException> among(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof HopelessException hopeless) {
        return Optional.of(hopeless);
      }
      if (cause.getCause() == cause) {
        break;
      }
    }
    return Optional.empty();
  }
}
