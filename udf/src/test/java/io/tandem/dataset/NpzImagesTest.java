package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.image.RgbImage;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpzImagesTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("samples.npz");
  }

  /** Written by NumPy 2.4.6: two pictures of 3 x 2 pixels, number i of all is i. */
  @Test
  void readsPicturesOneAfterAnother() throws IOException {
    try (InputStream in = NpzFile.class.getResourceAsStream("adm.npz")) {
      Files.copy(in, file);
    }

    try (NpzImages images = NpzImages.open(file)) {
      assertThat(images.count()).isEqualTo(2);
      assertThat(images.width()).isEqualTo(3);
      assertThat(images.height()).isEqualTo(2);
      assertThat(images.labels().orElseThrow()).containsExactly(7, 3);
      RgbImage first = images.next().orElseThrow();
      assertThat(first.rgb())
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
      assertThat(images.next().orElseThrow().rgb()).startsWith(18, 19).endsWith(35);
      assertThat(images.next()).isEmpty();
    }
  }

  @Test
  void classesMayBeMissing() {
    write(npz -> npz.bytes("arr_0", new byte[3], 1, 1, 1, 3));

    try (NpzImages images = NpzImages.open(file)) {
      assertThat(images.labels()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"1, 2, 2, 4", "1, 2, 2, 1", "4, 2, 2", "0, 2, 2, 3", "1, 0, 2, 3", "16"})
  void rejectsWhatIsNoPictures(String shape) {
    long[] axes = longs(shape);
    int bytes = 1;
    for (long length : axes) {
      bytes *= (int) length;
    }
    byte[] numbers = new byte[bytes];
    write(npz -> npz.bytes("arr_0", numbers, axes));

    assertRefused(
        "Cannot read pictures from '%s': arr_0 is UINT8 ["
            + shape
            + "] (UINT8 [pictures, height, width, 3], at most 67108864 pixels each)");
  }

  @Test
  void rejectsPicturesOfFloats() {
    write(npz -> npz.floats("arr_0", new float[12], 1, 2, 2, 3));

    assertRefused(
        "Cannot read pictures from '%s': arr_0 is FLOAT32 [1, 2, 2, 3] (UINT8 [pictures, height,"
            + " width, 3], at most 67108864 pixels each)");
  }

  @Test
  void rejectsStatisticsWithoutPictures() {
    write(npz -> npz.doubles("mu", new double[2], 2));

    assertRefused("Cannot read array 'arr_0' of '%s': there is none (it holds [mu])");
  }

  @Test
  void rejectsAHeaderThatClaimsTerabytes() throws IOException {
    writeHeader("'|u1'", "1000000, 2048, 2048, 3");
    assertRefused(
        "Cannot read array 'arr_0' of '%s': its shape [1000000, 2048, 2048, 3] needs 12582912000000"
            + " bytes, of which there are fewer");

    writeHeader("'|u1'", "9000000000, 9000000000, 9000000000, 3");
    assertRefused("Cannot read array 'arr_0' of '%s': it is damaged (long overflow)");
  }

  @Test
  void rejectsAPickle() throws IOException {
    writeHeader("'|O'", "1, 2, 2, 3");

    assertRefused(
        "Cannot read array 'arr_0' of '%s': its numbers are '|O' (one of [<f2, <f4, <f8, <i4, <i8,"
            + " |u1])");
  }

  @Test
  void rejectsClassesThatAreNotOneForEachPicture() {
    write(
        npz -> {
          npz.bytes("arr_0", new byte[6], 2, 1, 1, 3);
          npz.longs("arr_1", new long[3], 3);
        });

    try (NpzImages images = NpzImages.open(file)) {
      assertThatThrownBy(images::labels)
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read classes from '%s': arr_1 is [3] ([2], one for each picture)", file);
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> NpzImages.open(file))
        .isInstanceOf(UserError.class)
        .hasMessage(message, file);
  }

  private static long[] longs(String shape) {
    return Arrays.stream(shape.split(", ")).mapToLong(Long::parseLong).toArray();
  }

  private void write(Consumer<NpzWriter> content) {
    try (NpzWriter npz = NpzWriter.create(file)) {
      content.accept(npz);
      npz.commit();
    }
  }

  private void writeHeader(String descr, String shape) throws IOException {
    String dictionary =
        "{'descr': %s, 'fortran_order': False, 'shape': (%s), }".formatted(descr, shape);
    ByteBuffer header = ByteBuffer.allocate(10 + dictionary.length() + 12);
    header.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
    header.put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII));
    header.putShort((short) dictionary.length());
    header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("arr_0.npy"));
      zip.write(header.array());
    }
  }
}
