package io.tandem.run;

/**
 * Another process has the folder now, or nobody can say who has it: this one must stop before it
 * writes anything more.
 */
public final class LockLostException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  LockLostException(String message) {
    super(message);
  }

  LockLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
