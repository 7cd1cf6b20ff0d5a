package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.image.RgbImage;
import io.tandem.model.ScaleSchedule;
import io.tandem.npz.NpzWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenSetTest {

  private static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 3));
  private static final int TOKENS = SCHEDULE.totalTokens();

  /** More than two batches of the encoder, and no multiple of one. */
  private static final ShapeImages IMAGES = ShapeImages.of(4, 8, 37);

  private static final String IDENTITY =
      "shapes version 1, seed 4, side 8, 37 pictures, tokeniser abc";

  @TempDir private Path folder;

  private int encoded;

  private Path file() {
    return folder.resolve("tokens.npz");
  }

  /** An id that depends on picture, scale and place, up to the largest that fits. */
  private static long id(RgbImage image, int scale, int token) {
    return (Arrays.hashCode(image.rgb()) * 31L + scale * 1000L + token) & 0xffff;
  }

  private List<long[]> encode(List<RgbImage> images) {
    encoded += images.size();
    List<long[]> maps = new ArrayList<>();
    for (int scale = 0; scale < SCHEDULE.scales(); scale++) {
      int size = SCHEDULE.tokens(scale);
      long[] map = new long[images.size() * size];
      for (int i = 0; i < map.length; i++) {
        map[i] = id(images.get(i / size), scale, i % size);
      }
      maps.add(map);
    }
    return maps;
  }

  private TokenSet set() {
    return TokenSet.of(IMAGES, this::encode, "abc", SCHEDULE, file());
  }

  private static void assertContent(TokenSet set) {
    assertThat(set.images()).isEqualTo(37);
    assertThat(set.classes()).isEqualTo(10);
    assertThat(set.identity()).isEqualTo(IDENTITY);
    for (int image = 0; image < 37; image++) {
      assertThat(set.classId(image)).isEqualTo(image % 10);
      long[] tokens = set.tokens(new long[] {image}, TOKENS);
      for (int scale = 0; scale < SCHEDULE.scales(); scale++) {
        for (int token = 0; token < SCHEDULE.tokens(scale); token++) {
          assertThat(tokens[SCHEDULE.offset(scale) + token])
              .isEqualTo(id(IMAGES.image(image), scale, token));
        }
      }
    }
  }

  @Test
  void keepsTheTokensAndClassesOfAllImages() {
    assertContent(set());
  }

  @Test
  void readsTheFileThatItWrote() {
    set();
    encoded = 0;

    TokenSet again = set();

    assertThat(encoded).isZero();
    assertContent(again);
    assertThat(folder).isDirectoryContaining(path -> path.equals(file()));
    assertThat(folder.toFile().list()).containsExactly("tokens.npz");
  }

  @Test
  void givesTheFirstTokensOfSeveralImages() {
    TokenSet set = set();

    long[] some = set.tokens(new long[] {36, 5}, 5);

    assertThat(some).hasSize(10);
    assertThat(Arrays.copyOf(some, 5))
        .isEqualTo(Arrays.copyOf(set.tokens(new long[] {36}, TOKENS), 5));
    assertThat(Arrays.copyOfRange(some, 5, 10))
        .isEqualTo(Arrays.copyOf(set.tokens(new long[] {5}, TOKENS), 5));
  }

  @Test
  void refusesTheTokensOfAnotherTokeniser() {
    set();

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "xyz", SCHEDULE, file()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they are of other images or another tokeniser:\n"
                + "  there: %s\n"
                + "  here:  shapes version 1, seed 4, side 8, 37 pictures, tokeniser xyz\n"
                + "Remove the file, or choose another folder.",
            file(), IDENTITY);
  }

  @Test
  void refusesTheTokensOfOtherImages() {
    set();
    ShapeImages others = ShapeImages.of(5, 8, 37);

    assertThatThrownBy(() -> TokenSet.of(others, this::encode, "abc", SCHEDULE, file()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("\n  here:  shapes version 1, seed 5, side 8");
  }

  @Test
  void refusesTheTokensOfOtherScales() {
    set();
    ScaleSchedule other = new ScaleSchedule(List.of(1, 2, 3, 4));

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "abc", other, file()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they are 14 of each image (30 for scales of sides"
                + " [1, 2, 3, 4]). Remove the file, or choose another folder.",
            file());
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    set();
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length / 2));

    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot read '" + file() + "': it is no .npz file (");

    whole[whole.length / 3]++;
    Files.write(file(), whole);

    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read array 'tokens' of '%s': it is damaged (its checksum is another one)",
            file());
  }

  @Test
  void refusesFilesOfSomethingElse() {
    write(new long[] {2, 14, 1}, new long[] {0, 1});
    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': the shapes do not fit. Remove the file.", file());

    write(new long[] {2, 14, 2}, new long[] {0, 1, 2});
    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': the shapes do not fit. Remove the file.", file());

    write(new long[] {2, 14, 2}, new long[] {0, 1L << 40});
    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they hold a class 1099511627776. Remove the file.",
            file());
  }

  private void write(long[] shape, long[] classes) {
    byte[] name = IDENTITY.getBytes(StandardCharsets.UTF_8);
    try (NpzWriter writer = NpzWriter.create(file())) {
      writer.bytes("tokens", new byte[(int) (shape[0] * shape[1] * shape[2])], shape);
      writer.longs("classes", classes, classes.length);
      writer.bytes("identity", name, name.length);
      writer.commit();
    }
  }

  @Test
  void refusesIdsThatDoNotFit() {
    TokenSet.Encoder encoder =
        images -> {
          List<long[]> maps = encode(images);
          maps.get(2)[4] = 65_536;
          return maps;
        };

    assertThatThrownBy(() -> TokenSet.of(IMAGES, encoder, "abc", SCHEDULE, file()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot keep token 65536 (0 to 65535). Use a vocabulary of at most 65536 codes.");
    assertThat(file()).doesNotExist();
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    Path file = folder.resolve("no").resolve("tokens.npz");

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "abc", SCHEDULE, file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write '%s': there is no folder '%s'. Make it first.", file, file.getParent());
    assertThat(encoded).as("pictures encoded in vain").isZero();
  }
}
