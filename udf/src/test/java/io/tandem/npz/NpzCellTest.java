package io.tandem.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzCellTest {

  private static final float[] NUMBERS = {0, -1.5f, 2, Float.MIN_VALUE, 4, 1e30f};

  @TempDir Path folder;

  @Test
  void isAnNpzFile() throws IOException {
    Path file = Files.write(folder.resolve("cell.npz"), NpzCell.of("image", NUMBERS, 1, 2, 3));

    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.names()).containsExactly("image");
      assertThat(npz.array("image").shape()).isEqualTo(List.of(1L, 2L, 3L));
      assertThat(npz.array("image").toFloats()).containsExactly(NUMBERS);
    }
  }

  @Test
  void djlReadsItAsItsSparkExtensionDoes() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDList list = NDList.decode(manager, NpzCell.of("image", NUMBERS, 1, 2, 3));

      assertThat(list).hasSize(1);
      assertThat(list.get(0).getName()).isEqualTo("image");
      assertThat(list.get(0).getShape()).isEqualTo(new Shape(1, 2, 3));
      assertThat(list.get(0).toFloatArray()).containsExactly(NUMBERS);
    }
  }

  @Test
  void theSameArrayGivesTheSameBytes() {
    byte[] cell = NpzCell.of("image", NUMBERS, 6);

    assertThat(NpzCell.of("image", NUMBERS, 6)).isEqualTo(cell);
    // Time and day of the entry: midnight, 1 January 1980.
    assertThat(Arrays.copyOfRange(cell, 10, 14)).containsExactly(0, 0, 0x21, 0);
  }

  @Test
  void rejectsAnotherNumberOfNumbers() {
    assertThatThrownBy(() -> NpzCell.of("image", NUMBERS, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make an array of shape [7] of 6 numbers");
  }
}
