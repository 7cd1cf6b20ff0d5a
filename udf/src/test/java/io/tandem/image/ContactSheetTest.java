package io.tandem.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContactSheetTest {

  @Test
  void putsPicturesInRowsFromTheTopLeft() {
    List<RgbImage> pictures =
        IntStream.range(0, 5).mapToObj(i -> Pictures.noise(32, 20, i)).toList();

    RgbImage sheet = ContactSheet.of(pictures, Collections.nCopies(5, "7"));

    assertThat(sheet.width()).isEqualTo(8 + 3 * (32 + 8));
    assertThat(sheet.height()).isEqualTo(8 + 2 * (20 + 18 + 8));
    assertThat(cut(sheet, 8, 8, 32, 20)).isEqualTo(pictures.get(0));
    assertThat(cut(sheet, 88, 8, 32, 20)).isEqualTo(pictures.get(2));
    assertThat(cut(sheet, 48, 54, 32, 20)).isEqualTo(pictures.get(4));
  }

  @Test
  void takesAsManyColumnsAsItIsTold() {
    List<RgbImage> pictures = Collections.nCopies(6, Pictures.noise(20, 10, 1));

    RgbImage sheet = ContactSheet.of(pictures, Collections.nCopies(6, ""), 6);

    assertThat(sheet.width()).isEqualTo(8 + 6 * (20 + 8));
    assertThat(sheet.height())
        .isLessThan(ContactSheet.of(pictures, Collections.nCopies(6, "")).height());
  }

  @Test
  void writesTheCaptionUnderItsPicture() {
    RgbImage sheet = ContactSheet.of(List.of(Pictures.noise(32, 20, 1)), List.of("7F"));

    assertThat(dots(cut(sheet, 8, 30, 22, 14), 2))
        .isEqualTo(
            """
            #####.#####
            ....#.#....
            ....#.#....
            ...#..####.
            ..#...#....
            .#....#....
            #.....#....
            """);
  }

  @Test
  void writesAllCaptionsInSmallDotsWhereOneIsLong() {
    List<RgbImage> pictures = Collections.nCopies(2, Pictures.noise(20, 8, 1));

    RgbImage sheet = ContactSheet.of(pictures, List.of("7", "LLLLLL"), 2);

    assertThat(dots(cut(sheet, 8, 18, 5, 7), 1))
        .isEqualTo(dots(cut(ContactSheet.of(pictures, List.of("7", "77777"), 2), 8, 18, 5, 7), 1))
        .startsWith("#####\n....#\n");
  }

  @Test
  void writesALongCaptionInSmallDotsAndCutsWhatIsLeft() {
    RgbImage picture = Pictures.noise(20, 8, 1);

    RgbImage sheet = ContactSheet.of(List.of(picture), List.of("LLLLLL"));

    assertThat(dots(cut(sheet, 8, 18, 28, 7), 1).lines().toList().get(6))
        .isEqualTo("#####.#####.#####.##........");
  }

  @Test
  void leavesOutWhatDoesNotFitOnTheSheet() {
    RgbImage picture = Pictures.noise(1, 1, 1);

    assertThat(ContactSheet.of(Collections.nCopies(250, picture), Collections.nCopies(250, "a")))
        .isEqualTo(
            ContactSheet.of(Collections.nCopies(100, picture), Collections.nCopies(100, "a")));
  }

  @Test
  void wantsOneCaptionForEachPicture() {
    assertThatThrownBy(() -> ContactSheet.of(List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot lay out 0 pictures with 0 captions (one each, at least one)");
  }

  private static String dots(RgbImage image, int pitch) {
    return IntStream.range(0, image.height() / pitch)
        .mapToObj(y -> row(image, y * pitch, pitch))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String row(RgbImage image, int y, int pitch) {
    byte[] rgb = image.rgb();
    return IntStream.range(0, image.width() / pitch)
        .mapToObj(x -> rgb[3 * (y * image.width() + x * pitch)] == 0 ? "#" : ".")
        .collect(Collectors.joining());
  }

  private static RgbImage cut(RgbImage image, int left, int top, int width, int height) {
    byte[] all = image.rgb();
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      System.arraycopy(all, 3 * ((top + y) * image.width() + left), rgb, 3 * y * width, 3 * width);
    }
    return RgbImage.of(width, height, rgb);
  }
}
