package io.tandem.base;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * What an exception says to somebody who does not know its class. Those of files have a path for a
 * message, and their class says the rest.
 */
public final class Reason {

  private Reason() {}

  /** Returns why {@code thrown} was thrown, as the end of a sentence. */
  public static String of(Throwable thrown) {
    if (thrown instanceof UncheckedIOException wrapped && wrapped.getCause() != null) {
      return of(wrapped.getCause());
    }
    if (thrown instanceof FileSystemException file) {
      return ofFile(file);
    }
    if (thrown instanceof EOFException) {
      return "it ends too early";
    }
    if (thrown instanceof CharacterCodingException) {
      return "it is no text in UTF-8";
    }
    if (thrown instanceof UnknownHostException) {
      return "there is no host '%s'".formatted(thrown.getMessage());
    }
    String message = thrown.getMessage();
    // A word alone, such as the name of a class that is missing, says nothing without the class.
    return message != null && message.strip().indexOf(' ') > 0
        ? message.strip()
        : thrown.toString();
  }

  private static String ofFile(FileSystemException thrown) {
    String file = thrown.getFile();
    if (file == null) {
      return thrown.toString();
    }
    if (thrown.getReason() != null) {
      String other = thrown.getOtherFile() == null ? "" : " -> '" + thrown.getOtherFile() + "'";
      return "%s ('%s'%s)".formatted(thrown.getReason(), file, other);
    }
    if (thrown instanceof NoSuchFileException) {
      return "there is no '%s'".formatted(file);
    }
    if (thrown instanceof AccessDeniedException) {
      return "there is no permission for '%s'".formatted(file);
    }
    if (thrown instanceof FileAlreadyExistsException) {
      return "'%s' is there already".formatted(file);
    }
    if (thrown instanceof DirectoryNotEmptyException) {
      return "folder '%s' is not empty".formatted(file);
    }
    if (thrown instanceof NotDirectoryException) {
      return "'%s' is no folder".formatted(file);
    }
    if (thrown instanceof FileSystemLoopException) {
      return "'%s' is a link to a folder that it is in".formatted(file);
    }
    return thrown.toString();
  }
}
