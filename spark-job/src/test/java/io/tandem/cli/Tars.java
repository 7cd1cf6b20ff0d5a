package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads tar files by means of others. */
final class Tars {

  private Tars() {}

  /** Returns the files in {@code tar}, in order. */
  static Map<String, byte[]> files(Path tar) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] bytes = Files.readAllBytes(tar);
    assertThat(bytes.length % 10240).isZero();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(bytes))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        assertThat(entry.isFile()).isTrue();
        assertThat(entry.isCheckSumOK()).isTrue();
        assertThat(entry.getLastModifiedTime().toMillis()).isZero();
        assertThat(entry.getLongUserId() + entry.getLongGroupId()).isZero();
        assertThat(entry.getMode()).isEqualTo(0644);
        assertThat(files.put(entry.getName(), in.readAllBytes())).isNull();
      }
    }
    return files;
  }
}
