package io.tandem.export;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A new folder that nobody sees before it is complete. */
final class StagedPlace implements AutoCloseable {

  private final Path place;
  private final StagedFile staged;

  private StagedPlace(Path place, StagedFile staged) {
    this.place = place;
    this.staged = staged;
  }

  /**
   * Begins a folder.
   *
   * @throws UserError if none can be made there
   */
  static StagedPlace create(Path place) {
    StagedFile staged = StagedFile.beside(place);
    try {
      Files.createDirectory(staged.path());
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write to '%s': %s", place, e);
    }
    return new StagedPlace(place, staged);
  }

  /** Returns where a file of the folder is until the commit. */
  Path path(String name) {
    return staged.path().resolve(name);
  }

  /** Writes a file. */
  void write(String name, byte[] content) {
    try {
      Files.write(path(name), content);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  UserError failure(IOException e) {
    return UserError.because(e, "Cannot write to '%s': %s", place, e);
  }

  void commit() {
    ExportFormat.checkFree(place);
    try {
      staged.commit();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  @Override
  public void close() {
    try {
      staged.close();
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
