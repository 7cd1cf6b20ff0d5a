package io.tandem.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class NpzFileTest {

  @Test
  void readsTheGoldenArraysOfEveryType() {
    NpzFile golden = NpzFile.resource("/io/tandem/golden/tiny/expected.npz");

    assertThat(golden.names()).hasSize(51).startsWith("var_drafter_tokens_0");
    assertThat(golden.shape("filter_logits")).containsExactly(1, 6, 128);
    assertThat(golden.floats("filter_logits")).hasSize(6 * 128);
    assertThat(LongStream.of(golden.longs("var_drafter_tokens_3")).boxed())
        .hasSize(3 * 16)
        .allMatch(id -> id >= 0 && id < 128);
    assertThat(golden.bytes("code_image_u8")).hasSize(3 * 3 * 8 * 8);
    assertThat(LongStream.of(golden.longs("code_image_u8")).boxed())
        .allMatch(level -> level >= 0 && level < 256)
        .anyMatch(level -> level > 127);
    assertThat(golden.shape("teacher_forcing_cross_entropy")).isEmpty();
    assertThat(golden.floats("teacher_forcing_cross_entropy")).hasSize(1);
  }

  @Test
  void readsStoredEntriesAndVersionTwoHeaders() throws IOException {
    String header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n";
    ByteBuffer npy = ByteBuffer.allocate(12 + header.length() + 16).order(ByteOrder.LITTLE_ENDIAN);
    npy.put("\u0093NUMPY\u0002\u0000".getBytes(StandardCharsets.ISO_8859_1));
    npy.putInt(header.length()).put(header.getBytes(StandardCharsets.ISO_8859_1));
    npy.putLong(-5).putLong(1L << 40);

    NpzFile file = NpzFile.of(new ByteArrayInputStream(stored("a.npy", npy.array())));

    assertThat(file.names()).containsExactly("a");
    assertThat(file.longs("a")).containsExactly(-5, 1L << 40);
  }

  @Test
  void namesTheArraysItHas() {
    NpzFile golden = NpzFile.resource("/io/tandem/golden/tiny/expected.npz");

    assertThatThrownBy(() -> golden.floats("absent"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No array 'absent' among [var_drafter_tokens_0, ");
    assertThatThrownBy(() -> golden.floats("code_tokens_0"))
        .hasMessage("Cannot read 'code_tokens_0' as floats: its type is <i8");
  }

  private static byte[] stored(String name, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      CRC32 crc = new CRC32();
      crc.update(content);
      ZipEntry entry = new ZipEntry(name);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(content);
    }
    return bytes.toByteArray();
  }
}
