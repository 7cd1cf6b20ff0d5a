package io.tandem.fault;

import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * One fault of a file system: at which step it happens, and what happens.
 *
 * @param operation which operations count
 * @param path of those only the ones whose subject contains a match; the subject is the path
 *     without scheme, of a rename {@code FROM -> TO}
 * @param ordinal which of these it is, from 1, counted in each JVM on its own
 * @param moment before the operation or after it
 * @param effect what happens
 */
public record Fault(Operation operation, String path, int ordinal, Moment moment, Effect effect) {

  /** A step of a file system that leaves something behind. */
  public enum Operation {
    /** A file is opened for writing; it is over when the file is closed. */
    CREATE,
    /** The first bytes go into a file; afterwards half of them are there. */
    WRITE,
    RENAME,
    DELETE,
    MKDIRS
  }

  /** Where the fault is. */
  public enum Moment {
    BEFORE,
    AFTER
  }

  /** What the fault is. */
  public enum Effect {
    /** An IOException "No space left on device", once. */
    NO_SPACE,
    /** The same, and again at every later operation that fits. */
    NO_SPACE_FROM_THEN_ON,
    /** The step takes two seconds more; once. */
    DELAY,
    /** The JVM is suspended as by SIGSTOP, once, and goes on after SIGCONT. */
    SUSPEND,
    /** The same, and the step takes a moment more after that, deaf to interrupts. */
    SUSPEND_AND_DELAY,
    /** The JVM halts with exit code 137, as by SIGKILL. */
    HALT
  }

  private static final String OPERATION = "tandem.fault.operation";
  private static final String PATH = "tandem.fault.path";
  private static final String ORDINAL = "tandem.fault.ordinal";
  private static final String MOMENT = "tandem.fault.moment";
  private static final String EFFECT = "tandem.fault.effect";

  public Fault {
    Pattern.compile(path);
    if (ordinal < 1) {
      throw new IllegalArgumentException("Ordinals begin with 1, not " + ordinal);
    }
  }

  /** Puts the fault into the settings of Hadoop. */
  public void configure(Configuration settings) {
    settings.set(OPERATION, operation.name());
    settings.set(PATH, path);
    settings.setInt(ORDINAL, ordinal);
    settings.set(MOMENT, moment.name());
    settings.set(EFFECT, effect.name());
  }

  /** Returns the fault in the settings of Hadoop, if there is one. */
  static Optional<Fault> of(Configuration settings) {
    if (settings.get(OPERATION) == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            Operation.valueOf(settings.get(OPERATION)),
            settings.get(PATH, ""),
            settings.getInt(ORDINAL, 1),
            Moment.valueOf(settings.get(MOMENT)),
            Effect.valueOf(settings.get(EFFECT))));
  }

  boolean fits(Operation other, String subject) {
    return operation == other && Pattern.compile(path).matcher(subject).find();
  }
}
