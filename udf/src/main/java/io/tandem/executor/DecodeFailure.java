package io.tandem.executor;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import io.tandem.generate.NonFiniteLogitsException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a batch could not be decoded.
 *
 * @param kind what follows from it
 * @param message one line for the row of a sample
 */
record DecodeFailure(Kind kind, String message) {

  /** What follows from a failure. */
  enum Kind {
    /** Memory did not suffice; a smaller batch may fit. */
    OUT_OF_MEMORY,
    /** The models give no numbers for these samples; other samples are not concerned. */
    BAD_NUMBERS,
    /** The GPU serves this process no more. */
    SICK_DEVICE,
    /** Another attempt may succeed. */
    OTHER
  }

  private static final int LONGEST_MESSAGE = 300;

  private static final List<String> MEMORY_MARKS =
      List.of(
          "out of memory",
          "defaultcpuallocator",
          "can't allocate memory",
          "not enough memory",
          "std::bad_alloc",
          "status_alloc_failed");

  /** Causes of Java's own error that are not the heap; more heap would not help. */
  private static final List<String> NATIVE_MARKS =
      List.of("direct buffer", "native thread", "map failed");

  /** After any of these every later call of the process fails. */
  private static final List<String> SICK_MARKS =
      List.of(
          "illegal memory access",
          "device-side assert",
          "launch failure",
          "misaligned address",
          "uncorrectable ecc",
          "cublas_status_execution_failed",
          "cudnn_status_execution_failed",
          "cuda error:");

  /** These are of the installation: another process would meet them as well. */
  private static final List<String> INSTALLATION_MARKS =
      List.of("no kernel image", "driver version is insufficient", "invalid device ordinal");

  /** Returns what {@code thrown} by a decode means. */
  static DecodeFailure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof NonFiniteLogitsException) {
        return new DecodeFailure(Kind.BAD_NUMBERS, shown(cause.getMessage()));
      }
      if (cause instanceof UserError || cause instanceof HopelessException) {
        break;
      }
      String message = String.valueOf(cause.getMessage());
      boolean isOfJvm = cause instanceof VirtualMachineError;
      Optional<DecodeFailure> known =
          isOfJvm ? ofJvm((VirtualMachineError) cause, message) : ofEngine(message);
      if (known.isPresent()) {
        return known.get();
      }
      if (isOfJvm) {
        break;
      }
    }
    return new DecodeFailure(Kind.OTHER, shown(String.valueOf(thrown.getMessage())));
  }

  private static Optional<DecodeFailure> ofJvm(VirtualMachineError error, String message) {
    return lineWith(message, NATIVE_MARKS)
        .filter(line -> error instanceof OutOfMemoryError)
        .map(line -> new DecodeFailure(Kind.OUT_OF_MEMORY, shown(line)));
  }

  private static Optional<DecodeFailure> ofEngine(String message) {
    Optional<String> memory = lineWith(message, MEMORY_MARKS);
    if (memory.isPresent()) {
      return memory.map(line -> new DecodeFailure(Kind.OUT_OF_MEMORY, shown(line)));
    }
    return lineWith(message, SICK_MARKS)
        .filter(line -> lineWith(message, INSTALLATION_MARKS).isEmpty())
        .map(line -> new DecodeFailure(Kind.SICK_DEVICE, shown(line)));
  }

  /** Returns the line that has a mark: libtorch's messages go on with traces of its own. */
  private static Optional<String> lineWith(String message, List<String> marks) {
    return message
        .lines()
        .filter(line -> marks.stream().anyMatch(line.toLowerCase(Locale.ROOT)::contains))
        .findFirst();
  }

  /** Returns one line without control characters, cut if it is long. */
  private static String shown(String message) {
    String line = message.replaceAll("\\p{C}+", " ").strip();
    return line.length() > LONGEST_MESSAGE ? line.substring(0, LONGEST_MESSAGE) + "..." : line;
  }
}
