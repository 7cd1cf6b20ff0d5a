package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeImagesTest {

  private final ShapeImages shapes = ShapeImages.of(7, 64, 1000);

  @Test
  void namesTenClassesAndTakesThemInTurn() {
    assertThat(shapes.classNames())
        .containsExactly(
            "disc",
            "square",
            "triangle",
            "star",
            "ring",
            "cross",
            "hexagon",
            "crescent",
            "stripes",
            "clover");
    assertThat(LongStream.of(0, 1, 9, 10, 999).mapToObj(shapes::classId))
        .containsExactly(0, 1, 9, 0, 9);
  }

  @Test
  void drawsTheSamePictureInAnyOrderAndOnAnyThread() {
    List<RgbImage> forwards = LongStream.range(0, 40).mapToObj(shapes::image).toList();

    ShapeImages again = ShapeImages.of(7, 64, 1000);
    for (int index = 39; index >= 0; index--) {
      assertThat(again.image(index)).isEqualTo(forwards.get(index));
    }
    assertThat(LongStream.range(0, 40).parallel().mapToObj(shapes::image).toList())
        .isEqualTo(forwards);
  }

  @Test
  void pictureDoesNotDependOnTheSizeOfTheDataSet() {
    assertThat(ShapeImages.of(7, 64, 5).image(4)).isEqualTo(shapes.image(4));
  }

  @Test
  void keepsThePicturesOfAVersion() {
    // From the first run; the top row, which no rim of a shape crosses, since the rim is drawn by
    // the JVM. If one differs on purpose, the version in the identity must be raised.
    assertThat(topRow(0)).startsWith("d480f8b91c1bc908");
    assertThat(topRow(17)).startsWith("331e0fd7d9a24e02");
    assertThat(topRow(999)).startsWith("509b3ca9cf938c80");
    assertThat(shapes.identity()).isEqualTo("shapes version 1, seed 7, side 64, 1000 pictures");
  }

  @Test
  void identityHasTheSameDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));

      assertThat(shapes.identity()).isEqualTo("shapes version 1, seed 7, side 64, 1000 pictures");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void seedsAndIndexesGiveDifferentPictures() {
    ShapeImages other = ShapeImages.of(8, 64, 1000);

    assertThat(LongStream.range(0, 300).mapToObj(i -> shapes.image(i).sha256()).distinct())
        .hasSize(300);
    assertThat(LongStream.range(0, 300))
        .allSatisfy(i -> assertThat(other.image(i)).isNotEqualTo(shapes.image(i)));
    assertThat(other.identity()).isNotEqualTo(shapes.identity());
  }

  @Test
  void contrastIsNeverBelowTheStatedOne() {
    for (long index = 0; index < 2000; index++) {
      ShapePalette palette = ShapeImages.scene(7, index).palette();
      double least = Double.MAX_VALUE;
      for (int step = 0; step <= 50; step++) {
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
          sum +=
              Math.pow(
                  ShapePalette.channel(palette.shape(), channel)
                      - palette.background(channel, step / 50.0),
                  2);
        }
        least = Math.min(least, Math.sqrt(sum));
      }

      assertThat(least).isGreaterThanOrEqualTo(130);
      // The nearest of 51 points lies at most 4.5 along the gradient from the nearest of all, which
      // lengthens a distance of 130 by at most 0.08.
      assertThat(palette.contrast()).isLessThanOrEqualTo(least).isCloseTo(least, within(0.1));
    }
  }

  @Test
  void measuresContrastFromTheNearestPointOfTheGradient() {
    assertThat(new ShapePalette(0x00ff00, 0x000000, 0xff0000).contrast()).isEqualTo(255);
    assertThat(new ShapePalette(0x800a00, 0x000000, 0xff0000).contrast()).isEqualTo(10);
    assertThat(new ShapePalette(0xff0000, 0x400000, 0x800000).contrast()).isEqualTo(127);
    assertThat(new ShapePalette(0x200000, 0x400000, 0x400000).contrast()).isEqualTo(32);
  }

  @Test
  void placesShapesInsideTheFrame() {
    for (long index = 0; index < 500; index++) {
      for (ShapeClass shape : ShapeClass.ALL) {
        var bounds =
            ShapeImages.scene(7, index)
                .placement()
                .createTransformedShape(shape.outline())
                .getBounds2D();

        // The bounds hold control points of curves, which lie outside of the outline.
        assertThat(bounds.getMinX()).as(shape.name()).isGreaterThan(-0.05);
        assertThat(bounds.getMaxX()).as(shape.name()).isLessThan(1.05);
        assertThat(bounds.getMinY()).as(shape.name()).isGreaterThan(-0.05);
        assertThat(bounds.getMaxY()).as(shape.name()).isLessThan(1.05);
      }
    }
  }

  @Test
  void shapesOfTwoClassesInOnePlaceDifferByFarMoreThanTexture() {
    ShapeScene scene = ShapeImages.scene(7, 3);
    for (ShapeClass one : ShapeClass.ALL) {
      for (ShapeClass other : ShapeClass.ALL) {
        if (one == other) {
          continue;
        }
        int[] coverOfOne = shapes.cover(one, scene);
        int[] coverOfOther = shapes.cover(other, scene);
        double pixels = 0;
        for (int at = 0; at < coverOfOne.length; at++) {
          pixels += Math.abs((coverOfOne[at] & 0xff) - (coverOfOther[at] & 0xff)) / 255.0;
        }

        assertThat(pixels).as("%s and %s", one.name(), other.name()).isGreaterThan(60);
      }
    }
  }

  @Test
  void coversTheAreaOfTheShape() {
    ShapeScene scene = ShapeImages.scene(7, 3);
    double radius = 64 * Math.sqrt(scene.placement().getDeterminant());
    double covered = 0;
    for (int pixel : shapes.cover(ShapeClass.ALL.get(1), scene)) {
      covered += (pixel & 0xff) / 255.0;
    }

    // A square of diagonal 2 has area 2; anti-aliasing counts by 64ths of a pixel at the rim.
    assertThat(covered).isCloseTo(2 * radius * radius, within(3.0));
  }

  @Test
  void grainIsFaintAndAlikeInNeighbours() {
    int side = 512;
    float[] grain = Grain.drawn(SplitMix64.of(7, 0), side);
    double squares = 0;
    double products = 0;
    double far = 0;
    for (int at = 0; at + 3 < grain.length; at++) {
      squares += grain[at] * grain[at];
      products += grain[at] * grain[at + 1];
      far += grain[at] * grain[at + 3];
    }

    assertThat(Math.sqrt(squares / grain.length)).isCloseTo(3.5, within(0.1));
    // The binomial filter correlates neighbours by 4 / 6, and no pixels that are three apart.
    assertThat(products / squares).isCloseTo(2 / 3.0, within(0.02));
    assertThat(far / squares).isCloseTo(0, within(0.02));
  }

  @Test
  void hatchesTheShapeOrTheBackgroundOfSomePictures() {
    List<Hatching> hatchings =
        LongStream.range(0, 1000).mapToObj(i -> ShapeImages.scene(7, i).hatching()).toList();

    assertThat(hatchings)
        .extracting(Hatching::ground)
        .filteredOn(ground -> ground == Hatching.Ground.SHAPE)
        .hasSizeBetween(300, 400);
    assertThat(hatchings)
        .extracting(Hatching::ground)
        .filteredOn(ground -> ground == Hatching.Ground.BACKGROUND)
        .hasSizeBetween(200, 300);
    assertThat(hatchings)
        .allSatisfy(
            lines -> {
              assertThat(lines.amplitude()).isBetween(6.0, Hatching.MAX_AMPLITUDE);
              assertThat(1 / Math.hypot(lines.stepX(), lines.stepY())).isBetween(3.0, 4.0);
            });
  }

  @Test
  void linesRiseAndFallOnceAPeriod() {
    Hatching lines = new Hatching(Hatching.Ground.SHAPE, 0.25, 0, 8);

    assertThat(List.of(lines.at(0, 5, 1), lines.at(1, 5, 1), lines.at(2, 5, 1), lines.at(3, 5, 1)))
        .containsExactly(8.0, 0.0, -8.0, 0.0);
    assertThat(lines.at(4, 0, 0.5)).isEqualTo(4);
    assertThat(new Hatching(Hatching.Ground.BACKGROUND, 0.25, 0, 8).at(0, 0, 0.25)).isEqualTo(6);
    assertThat(new Hatching(Hatching.Ground.NONE, 0.25, 0, 8).at(0, 0, 0.25)).isZero();
  }

  @Test
  void drawsOtherSides() {
    assertThat(ShapeImages.of(7, 8, 10).image(9).width()).isEqualTo(8);
    assertThat(ShapeImages.of(7, 257, 10).image(9).height()).isEqualTo(257);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 1025, -64})
  void rejectsSides(int side) {
    assertThatThrownBy(() -> ShapeImages.of(7, side, 10))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot draw shapes of side " + side + " (8 to 1024 pixels)");
  }

  @Test
  void rejectsAnEmptyDataSet() {
    assertThatThrownBy(() -> ShapeImages.of(7, 64, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot draw a data set of 0 shapes (at least 1)");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1000})
  void rejectsIndexesOutOfRange(long index) {
    assertThatThrownBy(() -> shapes.image(index)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> shapes.classId(index)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  private String topRow(long index) {
    return RgbImage.of(64, 1, Arrays.copyOf(shapes.image(index).rgb(), 3 * 64)).sha256();
  }
}
