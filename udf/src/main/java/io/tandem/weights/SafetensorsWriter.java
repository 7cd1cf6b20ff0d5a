package io.tandem.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tandem.base.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Writes a safetensors file tensor by tensor.
 *
 * <p>The numbers go to a temporary file beside the target, which takes the target's name in {@link
 * #finish}: nobody ever sees half a file. Closing without finishing leaves nothing behind. Not
 * thread-safe.
 *
 * @see <a href="https://github.com/huggingface/safetensors/blob/v0.5.3/README.md">the format</a>
 */
public final class SafetensorsWriter implements AutoCloseable {

  private static final int ALIGNMENT = 8;

  private final Path target;
  private final Path temporary;
  private final List<TensorSpec> specs;
  private final FileChannel channel;
  private int written;

  private SafetensorsWriter(Path target, Path temporary, List<TensorSpec> specs)
      throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.specs = specs;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Starts a file.
   *
   * @param target where the finished file will be; an existing file is replaced in the end
   * @param specs all tensors in the order in which {@link #write} gets them
   * @param metadata texts for the header, may be empty
   * @throws UserError if no file can be made there
   */
  public static SafetensorsWriter create(
      Path target, List<TensorSpec> specs, Map<String, String> metadata) {
    requireDistinctNames(specs);
    if (Files.isDirectory(target)) {
      throw UserError.of(
          "Cannot write weights to '%s': it is a directory (a file name is needed)", target);
    }
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw UserError.of(
          "Cannot write weights to '%s': there is no folder '%s'. Make it first.", target, folder);
    }
    Path name = target.getFileName();
    Path temporary = target.resolveSibling("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      SafetensorsWriter writer = new SafetensorsWriter(target, temporary, List.copyOf(specs));
      try {
        writer.writeFully(header(specs, metadata));
        return writer;
      } catch (IOException e) {
        writer.close();
        throw e;
      }
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /**
   * Writes the next tensor.
   *
   * @param numbers its numbers, row-major and little-endian, from position to limit; the position
   *     moves to the limit
   * @throws IllegalArgumentException if the number of bytes is not that of its specification
   */
  public void write(ByteBuffer numbers) {
    if (written == specs.size()) {
      throw new IllegalStateException("Cannot write more tensors than were announced: " + written);
    }
    TensorSpec spec = specs.get(written);
    if (numbers.remaining() != spec.bytes()) {
      throw new IllegalArgumentException(
          "Cannot write " + spec + ": " + numbers.remaining() + " bytes are given");
    }
    try {
      writeFully(numbers);
      written++;
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /**
   * Completes the file and gives it its name.
   *
   * @throws IllegalStateException if tensors are missing
   */
  public void finish() {
    if (written != specs.size()) {
      throw new IllegalStateException(
          "Cannot finish '" + target + "': tensor " + specs.get(written).name() + " is missing");
    }
    try {
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /** Removes the temporary file if {@link #finish} was not reached. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  private static void requireDistinctNames(List<TensorSpec> specs) {
    Set<String> names = new HashSet<>();
    for (TensorSpec spec : specs) {
      if (!names.add(spec.name()) || spec.name().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("Cannot write tensor '" + spec.name() + "' twice");
      }
    }
  }

  private static ByteBuffer header(List<TensorSpec> specs, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (TensorSpec spec : specs) {
        writeTensor(json, spec, begin);
        begin += spec.bytes();
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return ByteBuffer.allocate(Long.BYTES + bytes.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(bytes.size())
        .put(bytes.toByteArray())
        .flip();
  }

  private static void writeTensor(JsonGenerator json, TensorSpec spec, long begin)
      throws IOException {
    json.writeObjectFieldStart(spec.name());
    json.writeStringField("dtype", SafetensorsFormats.name(spec.format()));
    json.writeArrayFieldStart("shape");
    for (long size : spec.shape()) {
      json.writeNumber(size);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("data_offsets");
    json.writeNumber(begin);
    json.writeNumber(begin + spec.bytes());
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static UserError unwritable(Path target, IOException cause) {
    return UserError.because(
        cause, "Cannot write weights to '%s': %s. Check the folder and its space.", target, cause);
  }
}
