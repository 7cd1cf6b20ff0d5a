package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StridedViewTest {

  private static final float[] TEN = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final String RESAVE = ". Save it again with torch.save.";

  @TempDir Path folder;

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource
  void gathersViewsOfAnyStrides(StridedView view, float[] expected) throws IOException {
    Path path = TorchFiles.saveView(folder.resolve("x.pth"), TEN, view);

    try (TorchCheckpoint checkpoint = TorchCheckpoint.open(path.toString())) {
      ByteBuffer read = checkpoint.read("x");
      assertThat(read.isDirect()).isTrue();
      assertThat(TorchFiles.floats(read)).containsExactly(expected);
    }
  }

  static Stream<Arguments> gathersViewsOfAnyStrides() {
    return Stream.of(
        view(2, List.of(2L, 3L), List.of(3L, 1L), 2, 3, 4, 5, 6, 7),
        view(0, List.of(2L, 3L), List.of(1L, 2L), 0, 2, 4, 1, 3, 5),
        view(1, List.of(3L), List.of(4L), 1, 5, 9),
        view(0, List.of(2L, 2L), List.of(5L, 1L), 0, 1, 5, 6),
        view(0, List.of(2L, 1L, 3L, 1L), List.of(1L, 77L, 2L, 0L), 0, 2, 4, 1, 3, 5),
        view(9, List.of(), List.of(), 9),
        view(9, List.of(1L, 1L), List.of(1000L, 0L), 9),
        view(10, List.of(0L, 3L), List.of(3L, 1L)));
  }

  private static Arguments view(
      long offset, List<Long> shape, List<Long> strides, float... expected) {
    return arguments(new StridedView(offset, shape, strides), expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refusesViewsThatLie(StridedView view, String found) throws IOException {
    Path path = TorchFiles.saveView(folder.resolve("x.pth"), TEN, view);

    assertRefused(path, "tensor 'x' " + found + RESAVE);
  }

  static Stream<Arguments> refusesViewsThatLie() {
    long half = 1L << 62;
    return Stream.of(
        lie(
            5,
            List.of(2L, 3L),
            List.of(3L, 1L),
            "reaches number 10 of its storage, which has only 10 numbers"),
        lie(
            11,
            List.of(0L),
            List.of(1L),
            "reaches number 10 of its storage, which has only 10 numbers"),
        lie(-1, List.of(1L), List.of(1L), "starts at number -1 of its storage"),
        lie(9, List.of(2L, 3L), List.of(-3L, -1L), "has negative strides, [-3, -1]"),
        lie(0, List.of(2L, -3L), List.of(3L, 1L), "has a negative size, shape [2, -3]"),
        lie(
            0,
            List.of(2L, 3L),
            List.of(1L, 1L),
            "has overlapping strides, [1, 1] for shape [2, 3]"),
        lie(
            0,
            List.of(2L, 3L),
            List.of(0L, 1L),
            "has overlapping strides, [0, 1] for shape [2, 3]"),
        lie(0, List.of(3L), List.of(0L), "has overlapping strides, [0] for shape [3]"),
        lie(0, List.of(2L, 3L), List.of(1L), "has shape [2, 3] but strides [1]"),
        lie(
            0,
            List.of(half, 4L),
            List.of(1L, 1L),
            "has shape [" + half + ", 4] and strides [1, 1], beyond 2^63 numbers"),
        lie(
            0,
            List.of(3L, 2L),
            List.of(half, 1L),
            "has shape [3, 2] and strides [" + half + ", 1], beyond 2^63 numbers"),
        lie(
            Long.MAX_VALUE,
            List.of(2L),
            List.of(1L),
            "has shape [2] and strides [1], beyond 2^63 numbers"));
  }

  private static Arguments lie(long offset, List<Long> shape, List<Long> strides, String found) {
    return arguments(new StridedView(offset, shape, strides), found);
  }

  private static void assertRefused(Path path, String found) {
    assertThatThrownBy(() -> TorchCheckpoint.open(path.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot load weights from '" + path + "': " + found);
  }
}
