package io.tandem.executor;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import io.tandem.generate.NonFiniteLogitsException;
import java.util.List;
import java.util.Locale;

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
      if (cause instanceof VirtualMachineError) {
        if (cause instanceof OutOfMemoryError && lineWith(message, NATIVE_MARKS) != null) {
          return new DecodeFailure(Kind.OUT_OF_MEMORY, shown(lineWith(message, NATIVE_MARKS)));
        }
        break;
      }
      String line = lineWith(message, MEMORY_MARKS);
      if (line != null) {
        return new DecodeFailure(Kind.OUT_OF_MEMORY, shown(line));
      }
      line = lineWith(message, SICK_MARKS);
      if (line != null && lineWith(message, INSTALLATION_MARKS) == null) {
        return new DecodeFailure(Kind.SICK_DEVICE, shown(line));
      }
    }
    return new DecodeFailure(Kind.OTHER, shown(String.valueOf(thrown.getMessage())));
  }

  /**
   * Returns the line that has a mark: libtorch's messages go on with traces of its own. Null if
   * there is none.
   */
  private static String lineWith(String message, List<String> marks) {
    for (String line : message.lines().toList()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (marks.stream().anyMatch(lower::contains)) {
        return line;
      }
    }
    return null;
  }

  /** Returns one line without control characters, cut if it is long. */
  private static String shown(String message) {
    String line = message.replaceAll("\\p{C}+", " ").strip();
    return line.length() > LONGEST_MESSAGE ? line.substring(0, LONGEST_MESSAGE) + "..." : line;
  }
}
