package io.tandem.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.testing.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredLabelsTest {

  /** Three parts of 16,384 labels and a bit. */
  private static final int COUNT = 50_000;

  @TempDir Path folder;

  @Test
  void readsAnyRange() throws IOException {
    StoredLabels labels =
        Serialization.roundTrip(
            StoredLabels.write(path(), IntStream.range(0, COUNT).map(i -> i % 999).iterator()));

    assertThat(Files.size(Path.of(path()))).isEqualTo(4L * COUNT);
    assertThat(labels.count()).isEqualTo(COUNT);
    for (int first : new int[] {0, 16_383, 16_384, 32_000, COUNT - 3}) {
      int[] expected = IntStream.range(first, first + 3).map(i -> i % 999).toArray();
      assertThat(labels.labels(first, 3)).containsExactly(expected);
    }
    assertThat(labels.labels(10, 40_000))
        .containsExactly(IntStream.range(10, 40_010).map(i -> i % 999).toArray());
  }

  @Test
  void beginsAgainAfterTheLastOne() {
    StoredLabels labels = StoredLabels.write(path(), IntStream.of(7, 300, 70_000).iterator());

    assertThat(labels.labels(2, 5)).containsExactly(70_000, 7, 300, 70_000, 7);
    assertThat(labels.labels(3_000_000_001L, 2)).containsExactly(300, 70_000);
  }

  @Test
  void forgetsWhatWasReplaced() {
    assertThat(StoredLabels.write(path(), IntStream.of(1).iterator()).labels(0, 1))
        .containsExactly(1);
    assertThat(StoredLabels.write(path(), IntStream.of(2).iterator()).labels(0, 1))
        .containsExactly(2);
  }

  @Test
  void rejectsNoLabelsAndLeavesNothing() {
    assertThatThrownBy(() -> StoredLabels.write(path(), IntStream.empty().iterator()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make images of no classes (at least one label is needed)");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void rejectsNegativeLabels() {
    assertThatThrownBy(() -> StoredLabels.write(path(), IntStream.of(3, -1).iterator()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot make sample 1: its label is -1 (0 or more)");
  }

  private String path() {
    return folder.resolve("labels.bin").toString();
  }
}
