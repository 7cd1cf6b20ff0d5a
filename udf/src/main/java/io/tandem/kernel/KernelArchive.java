package io.tandem.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the TorchScript sources into the archive that {@code torch.jit.save} would have written, so
 * that libtorch compiles them without Python.
 *
 * <p>The archive is a zip of stored entries: the sources under {@code code/}, one pickled object of
 * the root class, an empty tuple of constants, and the format version. The same sources give the
 * same bytes.
 */
public final class KernelArchive {

  private static final String ROOT = "kernels";

  /** Files of functions that the root module calls, in the order in which they are best read. */
  private static final List<String> PARTS =
      List.of(
          "linear",
          "transformer",
          "quantizer",
          "sampler",
          "convolution",
          "vae",
          "features",
          "preprocessing",
          "inception",
          "moments",
          "training",
          "tokeniser_training",
          "transformer_training",
          "feature_training");

  /** Operators are resolved as of this version: older ones lack the tanh form of GELU. */
  private static final String FORMAT_VERSION = "10\n";

  private KernelArchive() {}

  /** Returns the archive. */
  public static byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Writes the archive to {@code out}, which stays open. */
  public static void write(OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    store(zip, "code/__torch__.py", source(ROOT));
    for (String part : PARTS) {
      store(zip, "code/__torch__/" + part + ".py", source(part));
    }
    store(zip, "data.pkl", pickledRoot());
    store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    store(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
    store(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    zip.finish();
  }

  /** Pickle, protocol 2: an object of class {@code __torch__.Kernels} with training = False. */
  private static byte[] pickledRoot() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {(byte) 0x80, 2});
    pickle.write("c__torch__\nKernels\n)".getBytes(StandardCharsets.US_ASCII));
    pickle.write(new byte[] {(byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
    pickle.write("training".getBytes(StandardCharsets.US_ASCII));
    pickle.write(new byte[] {(byte) 0x89, 'u', 'b', '.'});
    return pickle.toByteArray();
  }

  private static byte[] source(String name) throws IOException {
    try (InputStream in = KernelArchive.class.getResourceAsStream(name + ".py")) {
      if (in == null) {
        throw new IllegalStateException("Cannot pack kernels: no resource " + name + ".py");
      }
      return in.readAllBytes();
    }
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry("tandem/" + name);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
