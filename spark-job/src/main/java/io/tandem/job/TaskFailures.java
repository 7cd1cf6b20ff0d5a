package io.tandem.job;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What tasks say to the user arrives inside exceptions of Spark. */
final class TaskFailures {

  private TaskFailures() {}

  /**
   * Runs what starts tasks.
   *
   * @throws UserError if a task threw one, or found out that nothing can come of it
   */
  static <T> T explained(Supplier<T> work) {
    try {
      return work.get();
    } catch (UserError e) {
      throw e;
    } catch (Exception e) { // Spark throws checked ones without saying so
      Optional<String> message =
          HopelessException.among(e)
              .map(Throwable::getMessage)
              .or(
                  () ->
                      Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
                          .filter(UserError.class::isInstance)
                          .map(Throwable::getMessage)
                          .findFirst());
      if (message.isPresent()) {
        throw UserError.because(e, "%s", message.get());
      }
      throw e;
    }
  }
}
