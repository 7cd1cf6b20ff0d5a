package io.tandem.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {

  private static final String HEADER = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("a.npz");
  }

  /** 1 forces the 64-bit records that otherwise need a file of 4 GiB. */
  @ParameterizedTest
  @ValueSource(longs = {1, 300, StoredZip.ZIP64_FROM})
  void keepsNumbersAndShapes(long zip64From) throws IOException {
    float[] many = new float[40_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = i * 0.25f;
    }
    try (NpzWriter npz = NpzWriter.create(file, zip64From)) {
      npz.floats("fhat", many, 2, 100, 200);
      npz.longs("tokens_0", new long[] {1L << 40, -1}, 2, 1);
      npz.bytes("pixels", new byte[] {0, -1, 7}, 3);
      npz.floats("scalar", new float[] {2.5f});
      npz.floats("none", new float[0], 0, 4);
      npz.doubles("third", new double[] {1 / 3.0, -1e300}, 2, 1);
      npz.commit();
    }

    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.names())
          .containsExactly("fhat", "tokens_0", "pixels", "scalar", "none", "third");
      assertThat(npz.array("fhat").shape()).containsExactly(2L, 100L, 200L);
      assertThat(npz.array("fhat").toFloats()).containsExactly(many);
      assertThat(npz.array("tokens_0").toLongs()).containsExactly(1L << 40, -1);
      assertThat(npz.array("pixels").toBytes()).containsExactly(0, -1, 7);
      assertThat(npz.array("scalar").shape()).isEmpty();
      assertThat(npz.array("scalar").toDoubles()).containsExactly(2.5);
      assertThat(npz.array("none").toFloats()).isEmpty();
      assertThat(npz.array("third").toDoubles()).containsExactly(1 / 3.0, -1e300);
    }
  }

  @Test
  void streamsAnArrayPieceByPiece() {
    try (NpzWriter npz = NpzWriter.create(file)) {
      try (NpzArrayWriter array = npz.array("arr_0", NumberFormat.FLOAT64, 3)) {
        for (int i = 0; i < 3; i++) {
          array.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, i / 3.0));
        }
      }
      npz.commit();
    }

    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.array("arr_0").toDoubles()).containsExactly(0, 1 / 3.0, 2 / 3.0);
    }
  }

  @Test
  void readsAnArrayRowByRow() {
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.bytes("pixels", new byte[] {1, 2, 3, 4, 5, 6}, 3, 2);
      npz.floats("none", new float[0], 0, 4);
      npz.floats("scalar", new float[1]);
      npz.commit();
    }

    try (NpzFile npz = NpzFile.open(file);
        NpzRows rows = npz.rows("pixels");
        NpzRows none = npz.rows("none")) {
      assertThat(rows.shape()).containsExactly(3L, 2L);
      assertThat(rows.format()).isEqualTo(NumberFormat.UINT8);
      assertThat(rows.rowBytes()).isEqualTo(2);
      assertThat(rows.next()).containsExactly(1, 2);
      assertThat(rows.next()).containsExactly(3, 4);
      assertThat(rows.left()).isEqualTo(1);
      assertThat(rows.next()).containsExactly(5, 6);
      assertThat(rows.left()).isZero();
      assertThatThrownBy(rows::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot read a row of array 'pixels' of '%s': none is left", file);
      assertThat(none.left()).isZero();
      assertThat(npz.shape("none")).containsExactly(0L, 4L);
      assertThat(npz.has("pixels")).isTrue();
      assertThat(npz.has("pixel")).isFalse();
      assertThatThrownBy(() -> npz.rows("scalar"))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot read array 'scalar' of '%s': it has no axes (at least 1)", file);
      assertThatThrownBy(() -> npz.rows("absent"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read array 'absent' of '%s': there is none (it holds [pixels, none, scalar])",
              file);
    }
  }

  @Test
  void noticesDamageWithTheLastRow() throws IOException {
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.bytes("a", new byte[] {1, 2, 3, 4}, 2, 2);
      npz.commit();
    }
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\1\2\3\4");
    bytes[at] = 7;
    Files.write(file, bytes);

    try (NpzFile npz = NpzFile.open(file);
        NpzRows rows = npz.rows("a")) {
      assertThat(rows.next()).containsExactly(7, 2);
      assertThatThrownBy(rows::next)
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read array 'a' of '%s': it is damaged (its checksum is another one)", file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "300, 4; its shape [300, 4] needs 4800 bytes, of which there are fewer",
        "4, 4; it is cut off",
        "1, 2; it has more bytes than its shape [1, 2] needs"
      })
  void rejectsRowsThatAreNotAsManyAsTheShapeSays(String shape, String found) throws IOException {
    write("a.npy", header(HEADER.formatted("<f4", "False", shape), 12));

    try (NpzFile npz = NpzFile.open(file)) {
      assertThatThrownBy(
              () -> {
                try (NpzRows rows = npz.rows("a")) {
                  rows.next();
                }
              })
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot read array 'a' of '%s': %s", file, found);
    }
  }

  /** Written by NumPy 2.4.6: a header of version 2.0, column-major order, Python objects. */
  @Test
  void readsWhatNumPyWritesOrSaysWhyNot() throws IOException {
    try (InputStream in = NpzTest.class.getResourceAsStream("headers.npz")) {
      Files.copy(in, file);
    }

    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.array("second").toDoubles()).containsExactly(1.5, -2);
      assertThatThrownBy(() -> npz.array("fortran"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read array 'fortran' of '%s': its numbers are in column-major order", file);
      assertThatThrownBy(() -> npz.rows("objects"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read array 'objects' of '%s': its numbers are '|O' (one of [<f2, <f4, <f8,"
                  + " <i4, <i8, |u1])",
              file);
    }
  }

  /** The bytes that {@code numpy.lib.format.write_array} of NumPy 2.4 puts before the numbers. */
  @Test
  void writesTheHeaderOfNumPy() {
    assertThat(NpyHeader.of(NumberFormat.INT64, 5).toBytes())
        .isEqualTo(
            ("\u0093NUMPY\1\0\u0076\0{'descr': '<i8', 'fortran_order': False, 'shape': (5,), }"
                    + " ".repeat(60)
                    + "\n")
                .getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void givesTheSameFileForTheSameNumbers() throws IOException {
    Path other = folder.resolve("b.npz");
    for (Path path : List.of(file, other)) {
      try (NpzWriter npz = NpzWriter.create(path)) {
        npz.longs("a", new long[] {1, 2, 3}, 3);
        npz.commit();
      }
    }

    assertThat(other).hasSameBinaryContentAs(file);
  }

  /** More entries than 16 bits count; the JDK reads them as a second opinion. */
  @Test
  void holdsMoreArraysThanSixteenBitsCount() throws IOException {
    try (NpzWriter npz = NpzWriter.create(file)) {
      for (int i = 0; i < 66_000; i++) {
        npz.bytes("a" + i, new byte[] {(byte) i}, 1);
      }
      npz.commit();
    }

    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.size()).isEqualTo(66_000);
    }
    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.array("a65999").toBytes()).containsExactly((byte) 65_999);
    }
  }

  @Test
  void leavesNothingBehindWithoutACommit() throws IOException {
    Files.writeString(file, "before");
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.longs("a", new long[] {1}, 1);
    }

    assertThat(file).hasContent("before");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void rejectsNumbersThatDoNotFillTheShape() {
    try (NpzWriter npz = NpzWriter.create(file)) {
      assertThatThrownBy(() -> npz.longs("few", new long[3], 2, 2))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot end array few: 8 bytes of its shape are missing");
      assertThatThrownBy(() -> npz.longs("many", new long[5], 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot write array many: more numbers than its shape has");
      assertThatThrownBy(() -> npz.longs("few", new long[4], 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot name an array 'few': malformed or used");
      assertThatThrownBy(() -> npz.longs("../x", new long[4], 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot name an array '../x': malformed or used");
    }
  }

  @Test
  void rejectsAFolderThatIsNotThere() {
    Path nowhere = folder.resolve("none").resolve("a.npz");

    assertThatThrownBy(() -> NpzWriter.create(nowhere))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write '%s': there is no folder '%s'. Make it first.",
            nowhere, nowhere.getParent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "|O; False; 3,; its numbers are '|O' (one of [<f2, <f4, <f8, <i4, <i8, |u1])",
        ">f4; False; 3,; its numbers are '>f4' (one of [<f2, <f4, <f8, <i4, <i8, |u1])",
        "<f4; True; 3, 1; its numbers are in column-major order",
        "<f4; False; 3, -1; its header is malformed",
        "<f4; False; 4,; it has fewer bytes than its shape [4] needs",
        "<f4; False; 2,; it has more bytes than its shape [2] needs",
        "<f4; False; 2000000000,; it has 8000000000 bytes (at most 1073741824)",
        "<f4; False; 99999999999999999999,; its shape is malformed: (99999999999999999999,)",
        "<f4; False; 4294967296, 4294967296; it is damaged (long overflow)",
      })
  void rejectsAHeaderThatLies(String descr, String order, String shape, String found)
      throws IOException {
    write("a.npy", header(HEADER.formatted(descr, order, shape), 12));

    try (NpzFile npz = NpzFile.open(file)) {
      assertThatThrownBy(() -> npz.array("a"))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot read array 'a' of '%s': %s", file, found);
    }
  }

  @Test
  void rejectsAHeaderThatIsTooLong() throws IOException {
    byte[] entry = header(HEADER, 0);
    entry[6] = 2;
    ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
    write("a.npy", entry);

    try (NpzFile npz = NpzFile.open(file)) {
      assertThatThrownBy(() -> npz.array("a"))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot read array 'a' of '%s': its header has 4294967295 bytes (at most 65536)",
              file);
    }
  }

  @Test
  void namesWhatAFileHoldsInstead() throws IOException {
    write("b.npy", header(HEADER.formatted("<f4", "False", "3,"), 12));

    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(npz.find("a")).isEmpty();
      assertThatThrownBy(() -> npz.array("a"))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot read array 'a' of '%s': there is none (it holds [b])", file);
      assertThatThrownBy(() -> npz.array("b").toLongs())
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot use array 'b': its numbers are FLOAT32 (INT64, INT32 needed)");
    }
  }

  @Test
  void rejectsFilesThatAreNoZip() throws IOException {
    Files.writeString(file, "no zip");

    assertThatThrownBy(() -> NpzFile.open(file))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot read '%s': it is no .npz file (", file);
    assertThatThrownBy(() -> NpzFile.open(folder))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read '%s': it is a directory (an .npz file is needed)", folder);
    assertThatThrownBy(() -> NpzFile.open(Path.of("none.npz")))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read 'none.npz': there is no such file (an .npz file is needed)");
  }

  private static byte[] header(String dictionary, int numberBytes) {
    ByteBuffer entry = ByteBuffer.allocate(10 + dictionary.length() + numberBytes);
    entry.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
    entry.put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII));
    entry.putShort((short) dictionary.length());
    entry.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    return entry.array();
  }

  private void write(String name, byte[] content) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
  }
}
