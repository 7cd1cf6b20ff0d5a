package io.tandem.weights;

import io.tandem.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;

/**
 * A model that the class path carries. It is copied to a temporary file, which is mapped like any
 * other and removed when the source is closed.
 */
final class DemoWeights implements WeightSource {

  private static final String FOLDER = "io/tandem/demo/";
  private static final String SUFFIX = ".safetensors";

  private final String origin;
  private final Path copy;
  private final WeightSource file;

  private DemoWeights(String origin, Path copy, WeightSource file) {
    this.origin = origin;
    this.copy = copy;
    this.file = file;
  }

  /**
   * Opens the model {@code name}.
   *
   * @param origin how the user named it
   * @throws UserError if this build carries no such model
   */
  static WeightSource open(String origin, String name) {
    return open(origin, name, DemoWeights.class.getClassLoader());
  }

  static WeightSource open(String origin, String name, ClassLoader classPath) {
    boolean isName = name.matches("[a-z0-9-]{1,40}");
    try (InputStream in = isName ? classPath.getResourceAsStream(FOLDER + name + SUFFIX) : null) {
      if (in == null) {
        throw UserError.of(
            "Cannot load '%s': this build carries no demo model '%s'. Pass a checkpoint file or a"
                + " random model.",
            origin, name);
      }
      Path copy = Files.createTempFile("tandem-demo-", SUFFIX);
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return new DemoWeights(origin, copy, WeightFiles.open(copy.toString()));
      } catch (IOException | RuntimeException e) {
        Files.delete(copy);
        throw e;
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot load '%s': %s", origin, e);
    }
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return file.names();
  }

  @Override
  public TensorSpec spec(String name) {
    return file.spec(name);
  }

  @Override
  public ByteBuffer read(String name) {
    return file.read(name);
  }

  @Override
  public long bytes() {
    return file.bytes();
  }

  @Override
  public String sha256() {
    return file.sha256();
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public void close() {
    file.close();
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot remove '%s', a copy of '%s': %s", copy, origin, e);
    }
  }
}
