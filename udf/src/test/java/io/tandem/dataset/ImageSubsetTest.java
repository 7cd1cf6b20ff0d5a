package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSubsetTest {

  private final ShapeImages shapes = ShapeImages.of(7, 8, 37);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 36})
  void dividesADataSetInTwo(int count) {
    LabelledImages taken = ImageSubset.every(shapes, count);
    LabelledImages left = ImageSubset.without(shapes, count);

    assertThat(taken.size()).isEqualTo(count);
    assertThat(left.size()).isEqualTo(37 - count);
    Set<Integer> pictures = new HashSet<>();
    for (LabelledImages part : List.of(taken, left)) {
      LongStream.range(0, part.size())
          .forEach(i -> pictures.add(Arrays.hashCode(part.image(i).rgb())));
    }
    assertThat(pictures).hasSize(37);
  }

  @Test
  void keepsOrderAndClasses() {
    LabelledImages left = ImageSubset.without(shapes, 2);

    // 9 and 27 are left out
    assertThat(LongStream.of(0, 8, 9, 10, 25, 26, 34).mapToObj(left::classId))
        .containsExactly(0, 8, 0, 1, 6, 8, 6);
    assertThat(left.image(9)).isEqualTo(shapes.image(10));
    assertThat(left.image(26)).isEqualTo(shapes.image(28));
    assertThat(left.classNames()).isEqualTo(shapes.classNames());
    assertThat(left.side()).isEqualTo(8);
    assertThatThrownBy(() -> left.image(35)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void namesWhatItHolds() {
    assertThat(ImageSubset.every(shapes, 2).identity())
        .isEqualTo(shapes.identity() + ", 2 of them, spread evenly");
    assertThat(ImageSubset.without(shapes, 2).identity())
        .isEqualTo(shapes.identity() + ", all but 2 of them, spread evenly");
  }
}
