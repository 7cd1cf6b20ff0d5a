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
import java.util.Map;

/**
 * What an exception says to somebody who does not know its class. Those of files have a path for a
 * message, and their class says the rest.
 */
public final class Reason {

  /** What classes mean whose message is a path; none of them extends another one. */
  private static final Map<Class<? extends FileSystemException>, String> OF_FILES =
      Map.of(
          NoSuchFileException.class, "there is no '%s'",
          AccessDeniedException.class, "there is no permission for '%s'",
          FileAlreadyExistsException.class, "'%s' is there already",
          DirectoryNotEmptyException.class, "folder '%s' is not empty",
          NotDirectoryException.class, "'%s' is no folder",
          FileSystemLoopException.class, "'%s' is a link to a folder that it is in");

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
    return OF_FILES.entrySet().stream()
        .filter(each -> each.getKey().isInstance(thrown))
        .map(each -> each.getValue().formatted(file))
        .findFirst()
        .orElseGet(thrown::toString);
  }
}
