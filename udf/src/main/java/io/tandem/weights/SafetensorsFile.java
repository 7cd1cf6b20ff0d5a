package io.tandem.weights;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a safetensors file.
 *
 * @see <a href="https://github.com/huggingface/safetensors/blob/v0.5.3/README.md">the format</a>
 */
public final class SafetensorsFile implements WeightSource {

  private final MappedFile file;
  private final SafetensorsHeader header;

  private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Opens a safetensors file.
   *
   * @throws io.tandem.base.UserError if the file is missing or its header is wrong in any way
   */
  public static SafetensorsFile open(String location) {
    MappedFile file = MappedFile.open(location);
    try {
      return of(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Takes over {@code file}, which the result closes. */
  static SafetensorsFile of(MappedFile file) {
    return new SafetensorsFile(file, SafetensorsHeader.read(file));
  }

  /** Returns the texts of the header's {@code __metadata__}, in their order. */
  @Override
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public String origin() {
    return file.origin();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public TensorSpec spec(String name) {
    return region(name).spec();
  }

  @Override
  public ByteBuffer read(String name) {
    SafetensorsHeader.Region region = region(name);
    if (region.spec().bytes() > Integer.MAX_VALUE) {
      throw Refusal.of(
          file.origin(),
          "tensor '%s' has %d bytes (less than 2 GiB are supported). Split the tensor.",
          Refusal.shown(name),
          region.spec().bytes());
    }
    return file.map(header.dataOffset() + region.begin(), region.spec().bytes());
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
  public void close() {
    file.close();
  }

  private SafetensorsHeader.Region region(String name) {
    SafetensorsHeader.Region region = header.tensors().get(name);
    if (region == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' in '" + origin() + "'");
    }
    return region;
  }
}
