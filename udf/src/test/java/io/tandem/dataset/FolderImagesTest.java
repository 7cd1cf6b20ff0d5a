package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderImagesTest {

  private static final ShapeImages SHAPES = ShapeImages.of(3, 16, 40);

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("pets"));
  }

  @Test
  void readsClassesAndPicturesInTheOrderOfTheirNames() throws IOException {
    put("dog/b.png", SHAPES.image(2));
    put("dog/a.png", SHAPES.image(1));
    put("cat/z.PNG", SHAPES.image(0));

    FolderImages images = FolderImages.read(folder, 16);

    assertThat(images.classNames()).containsExactly("cat", "dog");
    assertThat(images.side()).isEqualTo(16);
    assertThat(images.size()).isEqualTo(3);
    assertThat(LongStream.range(0, 3).mapToObj(images::classId)).containsExactly(0, 1, 1);
    assertThat(LongStream.range(0, 3).mapToObj(images::image))
        .containsExactly(SHAPES.image(0), SHAPES.image(1), SHAPES.image(2));
  }

  @Test
  void readsJpeg() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpeg", jpeg);
    put("dog/a.JPEG", jpeg.toByteArray());
    put("dog/b.jpg", jpeg.toByteArray());

    FolderImages images = FolderImages.read(folder, 16);

    assertThat(images.size()).isEqualTo(3);
    assertThat(images.image(2)).isEqualTo(RgbImage.of(16, 16, new byte[3 * 16 * 16]));
  }

  @Test
  void passesOverWhatIsHiddenOrNoPicture() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("cat/.a.png", SHAPES.image(1));
    put("cat/notes.txt", new byte[1]);
    put("dog/a.png", SHAPES.image(2));
    put(".thumbnails/a.png", SHAPES.image(3));
    put("readme.png", SHAPES.image(4));

    FolderImages images = FolderImages.read(folder, 16);

    assertThat(images.classNames()).containsExactly("cat", "dog");
    assertThat(images.size()).isEqualTo(2);
  }

  @Test
  void cropsPicturesOfOtherSizes() throws IOException {
    RgbImage large = ShapeImages.of(3, 50, 1).image(0);
    put("cat/a.png", large);
    put("dog/a.png", SHAPES.image(0));

    assertThat(FolderImages.read(folder, 16).image(0)).isEqualTo(SquareCrop.of(large, 16));
  }

  @Test
  void identityFollowsNamesSizesAndSide() throws IOException {
    put("cat/a.png", new byte[5]);
    put("dog/a.png", new byte[6]);
    String before = FolderImages.read(folder, 16).identity();

    assertThat(before)
        .matches("folder of 2 pictures, side 16, names and sizes sha256 [0-9a-f]{64}")
        .isEqualTo(FolderImages.read(folder, 16).identity())
        .isNotEqualTo(FolderImages.read(folder, 8).identity());
    Path moved = Files.move(folder, temporary.resolve("moved"));
    assertThat(FolderImages.read(moved, 16).identity()).isEqualTo(before);
    Files.write(moved.resolve("dog/a.png"), new byte[7]);
    String grown = FolderImages.read(moved, 16).identity();
    assertThat(grown).isNotEqualTo(before);
    Files.move(moved.resolve("dog/a.png"), moved.resolve("dog/b.png"));
    assertThat(FolderImages.read(moved, 16).identity()).isNotEqualTo(grown);
  }

  @Test
  void rejectsAFolderThatIsMissing() {
    assertRejected(
        temporary.resolve("none"),
        "Cannot read data set '%s': there is no such folder (a folder of class folders is needed)");
  }

  @Test
  void rejectsAFile() throws IOException {
    assertRejected(
        Files.createFile(temporary.resolve("file")),
        "Cannot read data set '%s': it is a file (a folder of class folders is needed)");
  }

  @Test
  void rejectsAFolderWithoutClassFolders() throws IOException {
    put("a.png", SHAPES.image(0));

    assertRejected(
        folder,
        "Cannot read data set '%s': there are no class folders in it (at least two, each with PNG"
            + " or JPEG files)");
  }

  @Test
  void rejectsClassFoldersWithoutPictures() throws IOException {
    put("cat/notes.txt", new byte[1]);
    put("dog/notes.txt", new byte[1]);

    assertRejected(
        folder,
        "Cannot read data set '%s': there are no pictures in its 2 class folders (PNG or JPEG files"
            + " are needed)");
  }

  @Test
  void rejectsOneClass() throws IOException {
    put("cat/a.png", SHAPES.image(0));

    assertRejected(
        folder,
        "Cannot read data set '%s': it has one class, 'cat' (at least two class folders are"
            + " needed)");
  }

  @Test
  void rejectsAClassWithoutPictures() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("dog/puppies/a.png", SHAPES.image(0));

    assertRejected(
        folder,
        "Cannot read data set '%s': there are no pictures of class 'dog' (PNG or JPEG files are"
            + " needed directly in its folder). Add some, or remove the folder.");
  }

  @Test
  void rejectsLinksThatLeaveTheFolder() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("dog/a.png", SHAPES.image(0));
    Path outside = Files.write(temporary.resolve("b.png"), new byte[1]);
    Path link = Files.createSymbolicLink(folder.resolve("dog/b.png"), outside);

    assertRejected(
        folder,
        "Cannot read 'dog/b.png' of data set '%s': it is a link that leaves the folder. Copy what"
            + " it points to, or remove it.");
    Files.delete(link);
    Files.createSymbolicLink(folder.resolve("all"), temporary);
    assertRejected(
        folder,
        "Cannot read 'all' of data set '%s': it is a link that leaves the folder. Copy what it"
            + " points to, or remove it.");
  }

  @Test
  void rejectsLinksToNothing() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("dog/a.png", SHAPES.image(0));
    Files.createSymbolicLink(folder.resolve("dog/b.png"), Path.of("c.png"));

    assertRejected(
        folder, "Cannot read 'dog/b.png' of data set '%s': it is a link to nothing. Remove it.");
  }

  @Test
  void followsLinksThatStayInTheFolder() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("dog/a.png", SHAPES.image(1));
    Files.createSymbolicLink(folder.resolve("dog/b.png"), Path.of("a.png"));
    Path alias = Files.createSymbolicLink(temporary.resolve("alias"), folder);

    FolderImages images = FolderImages.read(alias, 16);

    assertThat(images.image(2)).isEqualTo(SHAPES.image(1));
  }

  @Test
  void namesThePictureThatCannotBeRead() throws IOException {
    put("cat/a.png", SHAPES.image(0));
    put("dog/bad.png", new byte[100]);
    put("dog/small.png", ShapeImages.of(3, 15, 1).image(0));
    FolderImages images = FolderImages.read(folder, 16);

    assertThatThrownBy(() -> images.image(1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture '%s': it is neither PNG nor JPEG", folder.resolve("dog/bad.png"));
    assertThatThrownBy(() -> images.image(2))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot crop picture '%s' to 16 x 16 pixels: it has 15 x 15 (at least as many both"
                + " ways)",
            folder.resolve("dog/small.png"));
    assertThat(images.image(0)).isEqualTo(SHAPES.image(0));
    assertThatThrownBy(() -> images.image(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void rejectsASideBelowOne() {
    assertThatThrownBy(() -> FolderImages.read(folder, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read pictures of side 0 (at least 1 pixel)");
  }

  private static void assertRejected(Path folder, String message) {
    assertThatThrownBy(() -> FolderImages.read(folder, 16))
        .isInstanceOf(UserError.class)
        .hasMessage(message, folder);
  }

  private void put(String name, RgbImage image) throws IOException {
    put(name, PngCodec.encode(image));
  }

  private void put(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }
}
