package io.tandem.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {

  @TempDir Path folder;

  @Test
  void areRemovedWithAllThatIsInThem() throws IOException {
    Path listed = Files.createDirectories(folder.resolve("listed/deeper"));
    Files.writeString(listed.resolve("a"), "a");
    Path kept = Files.writeString(folder.resolve("kept"), "b");
    Leftovers.add(folder.resolve("listed"));
    Leftovers.add(folder.resolve("never-made"));

    Leftovers.removeAll();

    assertThat(folder.resolve("listed")).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void areForgottenWhenTheyAreRemoved() throws IOException {
    Path path = Files.writeString(folder.resolve("a"), "a");
    Leftovers.add(path);
    Leftovers.remove(path);
    Files.writeString(path, "made again by somebody else");

    Leftovers.removeAll();

    assertThat(path).exists();
  }
}
