package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ZipDirectoryTest {

  private static final String CUT =
      ". The file is cut short or damaged: copy or download it again.";
  private static final String RESAVE = ". Save it again with torch.save.";

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = folder.resolve("x.pth");
  }

  @ParameterizedTest
  @EnumSource(StoredZip.Form.class)
  void findsTheBytesOfEachEntry(StoredZip.Form form) throws IOException {
    try (StoredZip zip = new StoredZip(path, form)) {
      zip.add("a/one", ascii("first"));
      zip.add("a/two", ascii(""));
      zip.add("a/three", ascii("third"));
    }

    try (MappedFile file = MappedFile.open(path.toString())) {
      assertThat(ZipDirectory.read(file).values())
          .extracting(entry -> text(file.copy(entry.offset(), (int) entry.bytes())))
          .containsExactly("first", "", "third");
    }
  }

  @Test
  void findsEntriesThatAnotherWriterStored() throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.setComment("a comment");
      ZipEntry entry = new ZipEntry("a/one");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(5);
      CRC32 crc = new CRC32();
      crc.update(ascii("first"));
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(ascii("first"));
    }

    try (MappedFile file = MappedFile.open(path.toString())) {
      ZipDirectory.Entry entry = ZipDirectory.read(file).get("a/one");
      assertThat(text(file.copy(entry.offset(), 5))).isEqualTo("first");
    }
  }

  @Test
  void refusesCompressedEntries() throws IOException {
    ZipEntry entry = new ZipEntry("a/data.pkl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.putNextEntry(entry);
      zip.write(new byte[10 << 20]);
      zip.closeEntry();
    }

    assertRefused(
        "zip entry 'a/data.pkl' is compressed, "
            + entry.getCompressedSize()
            + " bytes that claim to become 10485760 (torch.save stores entries as they are)"
            + RESAVE);
  }

  @Test
  void refusesAnEntryThatClaimsToInflate() throws IOException {
    saveOne();
    edit(bytes -> bytes.putInt(central(bytes) + 24, 0xfffffff0));

    assertRefused(
        "zip entry 'a/one' is compressed, 5 bytes that claim to become 4294967280 (torch.save"
            + " stores entries as they are)"
            + RESAVE);
  }

  @Test
  void refusesAnEntryLargerThanTheFile() throws IOException {
    saveOne();
    edit(bytes -> bytes.putInt(central(bytes) + 20, 1 << 30).putInt(central(bytes) + 24, 1 << 30));

    assertRefused(
        "zip entry 'a/one' claims 1073741824 bytes from byte 0 on, which lie outside the file"
            + CUT);
  }

  @Test
  void refusesAnEntryOutsideTheFile() throws IOException {
    saveOne();
    edit(bytes -> bytes.putInt(central(bytes) + 42, 1 << 30));

    assertRefused(
        "zip entry 'a/one' claims 5 bytes from byte 1073741824 on, which lie outside the file"
            + CUT);
  }

  @Test
  void refusesAnEntryWithoutALocalHeader() throws IOException {
    saveOne();
    edit(bytes -> bytes.putInt(central(bytes) + 42, 7));

    assertRefused("zip entry 'a/one' has no header at byte 7" + CUT);
  }

  @Test
  void refusesEncryptedEntries() throws IOException {
    saveOne();
    edit(bytes -> bytes.putShort(central(bytes) + 8, (short) 1));

    assertRefused("zip entry 'a/one' is encrypted" + RESAVE);
  }

  @Test
  void refusesEntriesThatShareBytes() throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("a/one", ascii("first"));
      zip.add("a/two", ascii("second"));
    }
    edit(
        bytes -> {
          int second = central(bytes) + 46 + "a/one".length();
          bytes.putInt(second + 42, 0);
        });

    assertRefused("zip entries 'a/one' and 'a/two' overlap, as in a zip bomb" + RESAVE);
  }

  @Test
  void refusesTwoEntriesOfOneName() throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("a/one", ascii("first"));
      zip.add("a/one", ascii("second"));
    }

    assertRefused("two zip entries are called 'a/one'" + RESAVE);
  }

  @Test
  void refusesADirectoryOfTooManyEntries() throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.ZIP64)) {
      zip.add("a/one", ascii("first"));
    }
    edit(bytes -> bytes.putLong(bytes.limit() - 22 - 20 - 56 + 32, 1L << 40));

    assertRefused("its zip directory claims 1099511627776 entries (at most 100000)" + RESAVE);
  }

  @Test
  void refusesADirectoryOutsideTheFile() throws IOException {
    saveOne();
    int offset = (int) Files.size(path) - 22 - 46 - 5;
    edit(bytes -> bytes.putInt(bytes.limit() - 6, 1 << 30));
    String claims = "its zip directory claims 51 bytes from byte ";

    assertRefused(claims + "1073741824 on, which lie outside the file" + CUT);
    edit(bytes -> bytes.putInt(bytes.limit() - 6, offset).putShort(bytes.limit() - 12, (short) 9));
    assertRefused(claims + offset + " on, which lie outside the file" + CUT);
  }

  @Test
  void refusesAZip64DirectoryThatIsNotThere() throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.ZIP64)) {
      zip.add("a/one", ascii("first"));
    }
    edit(bytes -> bytes.putLong(bytes.limit() - 22 - 20 + 8, -5));

    assertRefused("its zip64 directory is not where it says" + CUT);
  }

  @Test
  void refusesADamagedDirectory() throws IOException {
    saveOne();
    edit(bytes -> bytes.put(central(bytes), (byte) 'X'));

    assertRefused("its zip directory is damaged" + CUT);
  }

  private void saveOne() throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("a/one", ascii("first"));
    }
  }

  private void edit(Consumer<ByteBuffer> change) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    change.accept(bytes);
    Files.write(path, bytes.array());
  }

  /** Returns where the directory starts, as the last 22 bytes tell. */
  private static int central(ByteBuffer bytes) {
    return bytes.getInt(bytes.limit() - 6);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.US_ASCII.decode(bytes).toString();
  }

  private void assertRefused(String found) {
    try (MappedFile file = MappedFile.open(path.toString())) {
      assertThatThrownBy(() -> ZipDirectory.read(file))
          .isInstanceOf(UserError.class)
          .hasMessage("Cannot load weights from '" + path + "': " + found);
    }
  }
}
