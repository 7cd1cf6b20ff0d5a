package io.tandem.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A TorchScript file without weights, as {@code torch.jit.save} would have written it. */
final class ScriptFile {

  private ScriptFile() {}

  /**
   * Writes a model that returns the mean of each channel: float32 [B, 3] of float32 [B, 3, H, W].
   */
  static Path means(Path file) throws IOException {
    String source =
        """
        class Means(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.Means, x: Tensor) -> Tensor:
            return torch.mean(x, [2, 3])
        """;
    String object = "\u0080\u0002c__torch__\nMeans\n)\u0081}(X\b\0\0\0training\u0089ub.";
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "code/__torch__.py", source);
      store(zip, "data.pkl", object);
      store(zip, "constants.pkl", "\u0080\u0002).");
      store(zip, "version", "10\n");
      store(zip, "byteorder", "little");
    }
    return file;
  }

  private static void store(ZipOutputStream zip, String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    ZipEntry entry = new ZipEntry("means/" + name);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
