package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingFolderTest {

  @TempDir Path scratch;

  @Test
  void goesAwayIfNothingWasStored() {
    Path folder = scratch.resolve("a/b");

    try (TrainingFolder run = TrainingFolder.open(folder)) {
      assertThat(folder).isDirectory();
      assertThat(run.table().toFile().mkdir()).isTrue();
    }

    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void leavesAFolderThatWasThere() throws IOException {
    Path folder = Files.createDirectory(scratch.resolve("mine"));
    Path note = Files.writeString(folder.resolve("note"), "");

    TrainingFolder.open(folder).close();
    assertThat(folder).isDirectoryContaining(note::equals);
    Files.delete(note);
    TrainingFolder.open(folder).close();

    assertThat(folder.resolve("note")).doesNotExist();
    assertThat(folder).isDirectory();
  }

  @Test
  void keepsTheIdOfTheRun() {
    String first;
    try (TrainingFolder run = TrainingFolder.open(scratch)) {
      first = run.runId();
      run.write("weights", new byte[1]);
    }

    try (TrainingFolder run = TrainingFolder.open(scratch)) {
      assertThat(run.runId()).isEqualTo(first).matches("train-[0-9a-f]{16}");
    }
  }

  @Test
  void isHeldByOneAtATime() {
    try (TrainingFolder run = TrainingFolder.open(scratch)) {
      assertThatThrownBy(() -> TrainingFolder.open(scratch))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot train in '%s': another process trains there. Wait for it, or choose another"
                  + " folder.",
              run);
    }
    TrainingFolder.open(scratch).close();
  }

  @Test
  void refusesARunThatItCannotRead() throws IOException {
    Path record = Files.writeString(scratch.resolve("run.json"), "{}");

    assertThatThrownBy(() -> TrainingFolder.open(scratch))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read '%s': it has no text 'runId'. Remove it.", record);
  }
}
