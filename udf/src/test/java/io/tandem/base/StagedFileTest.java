package io.tandem.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFileTest {

  @TempDir Path folder;

  @Test
  void appearsAtItsCommit() throws IOException {
    Path target = folder.resolve("a.txt");
    try (StagedFile file = StagedFile.beside(target)) {
      Files.writeString(file.path(), "new");
      assertThat(target).doesNotExist();
      file.commit();
    }

    assertThat(target).hasContent("new");
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void leavesTheTargetAsItWasWithoutACommit() throws IOException {
    Path target = Files.writeString(folder.resolve("a.txt"), "old");
    try (StagedFile file = StagedFile.beside(target)) {
      Files.writeString(file.path(), "new");
    }

    assertThat(target).hasContent("old");
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void rejectsAFolderAsTarget() {
    assertThatThrownBy(() -> StagedFile.beside(folder))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot write '%s': it is a directory (a file name is needed)", folder);
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}
