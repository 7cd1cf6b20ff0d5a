package io.tandem.job;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.executor.ModelFiles;
import io.tandem.fid.Reference;
import io.tandem.fid.ReferenceFile;
import io.tandem.npz.NpzFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * What images are compared with, as far as it is known before Spark runs.
 *
 * @param name what the user calls it
 * @param statistics of a file that has them
 * @param pictures where pictures are, if there are any
 * @param sha256 digest of the file; empty for a table or a folder
 */
record ReferenceInput(
    String name, Optional<Reference> statistics, Optional<String> pictures, String sha256) {

  private static final String DEMO = "demo";
  private static final String DEMO_FILE = "io/tandem/demo/reference.npz";
  private static final String SUFFIX = ".npz";
  private static final int STEP = 1 << 20;

  /**
   * Reads statistics, or makes sure that there are pictures to compute them of.
   *
   * @param text {@code demo}, an {@code .npz} file, or pictures of any kind
   * @throws UserError if it cannot be used
   */
  static ReferenceInput open(String text) {
    if (text.equals(DEMO)) {
      return demo(ReferenceInput.class.getClassLoader());
    }
    if (!text.endsWith(SUFFIX)) {
      return new ReferenceInput(text, Optional.empty(), Optional.of(text), "");
    }
    Path file = Path.of(ModelFiles.ofThisHost().localize(text).replaceFirst("^file:/+", "/"));
    return ofFile(text, file);
  }

  private static ReferenceInput ofFile(String name, Path file) {
    boolean hasStatistics;
    boolean hasPictures;
    try (NpzFile npz = NpzFile.open(file)) {
      hasPictures = npz.has("arr_0");
      hasStatistics = npz.has("mu") || npz.has("sigma") || !hasPictures;
    }
    return new ReferenceInput(
        name,
        hasStatistics ? Optional.of(ReferenceFile.read(file)) : Optional.empty(),
        hasPictures ? Optional.of(file.toString()) : Optional.empty(),
        sha256(file));
  }

  /** Returns the reference that the class path carries. */
  static ReferenceInput demo(ClassLoader classPath) {
    try (InputStream in = classPath.getResourceAsStream(DEMO_FILE)) {
      if (in == null) {
        throw new UserError(
            "Cannot compare with the reference 'demo': this build carries none. Pass an .npz file"
                + " or a folder of pictures.");
      }
      Path copy = Files.createTempFile("tandem-demo-", SUFFIX);
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return ofFile(DEMO, copy);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read the reference 'demo': %s", e);
    }
  }

  private static String sha256(Path file) {
    MessageDigest digest = Sha256.start();
    byte[] step = new byte[STEP];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(step); read >= 0; read = in.read(step)) {
        digest.update(step, 0, read);
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e);
    }
    return Sha256.hex(digest);
  }
}
