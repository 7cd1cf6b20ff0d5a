package io.tandem.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UserErrorTest {

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource
  void tellsWhyInWords(Throwable cause, String reason) {
    UserError error = UserError.because(cause, "Cannot read '%s': %s. Try %d", "a", cause, 3);

    assertThat(error).hasMessage("Cannot read 'a': " + reason + ". Try 3").hasCause(cause);
  }

  static Stream<Arguments> tellsWhyInWords() {
    return Stream.of(
        arguments(new NoSuchFileException("/a"), "there is no '/a'"),
        arguments(new AccessDeniedException("/a"), "there is no permission for '/a'"),
        arguments(new FileAlreadyExistsException("/a"), "'/a' is there already"),
        arguments(
            new FileSystemException("/a", null, "No space left on device"),
            "No space left on device ('/a')"),
        arguments(
            new AccessDeniedException("s3a://b/k", null, "403 Forbidden"),
            "403 Forbidden ('s3a://b/k')"),
        arguments(new FileSystemException("/a", "/b", "Is busy"), "Is busy ('/a' -> '/b')"),
        arguments(new FileNotFoundException("File /a does not exist"), "File /a does not exist"),
        arguments(new IOException("File too large"), "File too large"),
        arguments(new UncheckedIOException(new IOException("Is a folder")), "Is a folder"),
        arguments(new ArithmeticException("long overflow"), "long overflow"),
        arguments(new IllegalArgumentException("port 99999 is none"), "port 99999 is none"),
        arguments(new EOFException(), "it ends too early"),
        arguments(new MalformedInputException(1), "it is no text in UTF-8"),
        arguments(new UnknownHostException("store.test"), "there is no host 'store.test'"));
  }

  /** A name or nothing at all says less than the class. */
  @ParameterizedTest
  @MethodSource
  void namesTheClassOfAnExceptionThatSaysTooLittle(Throwable cause) {
    assertThat(UserError.because(cause, "Cannot go on: %s", cause))
        .hasMessage("Cannot go on: " + cause);
  }

  static Stream<Throwable> namesTheClassOfAnExceptionThatSaysTooLittle() {
    return Stream.of(
        new IOException(),
        new IOException("abc"),
        new ClassNotFoundException("org.example.Store"),
        new IllegalStateException(" end "),
        new NoSuchFileException(null));
  }

  @Test
  void findsWordsForWhatFilesThrow() throws IOException {
    Path none = folder.resolve("none");
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(reason(() -> Files.readString(none))).isEqualTo("there is no '" + none + "'");
    assertThat(reason(() -> Files.createFile(file))).isEqualTo("'" + file + "' is there already");
    assertThat(reason(() -> Files.delete(folder)))
        .isEqualTo("folder '" + folder + "' is not empty");
    assertThat(reason(() -> Files.list(file).close())).isEqualTo("'" + file + "' is no folder");
    assertThat(reason(() -> Files.createFile(file.resolve("x"))))
        .isEqualTo("Not a directory ('" + file.resolve("x") + "')");
  }

  @Test
  void leavesOtherArgumentsAlone() {
    Exception other = new IOException("two words");

    assertThat(UserError.because(new IOException("a b"), "%s", other)).hasMessage("" + other);
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static String reason(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      return UserError.because(e, "%s", e).getMessage();
    }
    throw new AssertionError("nothing was thrown");
  }
}
