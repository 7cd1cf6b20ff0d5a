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

  @TempDir private Path temporary;

  private int encoded;

  private Path file() {
    return folder().resolve("tokens-000000000.npz");
  }

  private Path folder() {
    return temporary.resolve("tokens");
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
    return TokenSet.of(IMAGES, this::encode, "abc", SCHEDULE, folder());
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
    assertThat(folder().toFile().list()).containsExactly("tokens-000000000.npz");
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

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "xyz", SCHEDULE, folder()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they are of other images or another tokeniser:\n"
                + "  there: %s\n"
                + "  here:  shapes version 1, seed 4, side 8, 37 pictures, tokeniser xyz\n"
                + "Remove the folder, or choose another one.",
            file(), IDENTITY);
  }

  @Test
  void refusesTheTokensOfOtherImages() {
    set();
    ShapeImages others = ShapeImages.of(5, 8, 37);

    assertThatThrownBy(() -> TokenSet.of(others, this::encode, "abc", SCHEDULE, folder()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("\n  here:  shapes version 1, seed 5, side 8");
  }

  @Test
  void refusesTheTokensOfOtherScales() {
    set();
    ScaleSchedule other = new ScaleSchedule(List.of(1, 2, 3, 4));

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "abc", other, folder()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they are UINT8 [37, 14, 2] (uint8 [37, 30, 2] is needed)."
                + " Remove the file.",
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
    long[] classes = new long[37];
    write(new long[] {37, 14, 1}, classes);
    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they are UINT8 [37, 14, 1] (uint8 [37, 14, 2] is needed)."
                + " Remove the file.",
            file());

    write(new long[] {37, 14, 2}, new long[38]);
    assertThatThrownBy(this::set).isInstanceOf(UserError.class);

    classes[36] = 1L << 40;
    write(new long[] {37, 14, 2}, classes);
    assertThatThrownBy(this::set)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use the tokens in '%s': they hold a class 1099511627776. Remove the file.",
            file());
  }

  private void write(long[] shape, long[] classes) {
    folder().toFile().mkdirs();
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

    assertThatThrownBy(() -> TokenSet.of(IMAGES, encoder, "abc", SCHEDULE, folder()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot keep token 65536 (0 to 65535). Use a vocabulary of at most 65536 codes.");
    assertThat(file()).doesNotExist();
  }

  @Test
  void refusesAFolderThatCannotBeMade() throws IOException {
    Path folder = Files.createFile(temporary.resolve("file")).resolve("tokens");

    assertThatThrownBy(() -> TokenSet.of(IMAGES, this::encode, "abc", SCHEDULE, folder))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot make the folder '" + folder + "' for tokens: ");
    assertThat(encoded).as("pictures encoded in vain").isZero();
  }

  @Test
  void repeatsOnlyThePartsThatAreMissing() throws IOException {
    int images = TokenSet.PART + 5;
    ShapeImages two = ShapeImages.of(4, 8, images);
    TokenSet.of(two, this::encode, "abc", SCHEDULE, folder());
    assertThat(encoded).isEqualTo(images);
    Files.delete(folder().resolve("tokens-000004096.npz"));
    encoded = 0;

    TokenSet set = TokenSet.of(two, this::encode, "abc", SCHEDULE, folder());

    assertThat(encoded).isEqualTo(5);
    assertThat(set.images()).isEqualTo(images);
    assertThat(set.classId(images - 1)).isEqualTo((images - 1) % 10);
    assertThat(set.tokens(new long[] {images - 1, 0}, 1))
        .containsExactly(id(two.image(images - 1), 0, 0), id(two.image(0), 0, 0));
  }
}
