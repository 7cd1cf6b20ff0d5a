package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

  private static final TensorSpec A = TensorSpec.of("a", NumberFormat.UINT8, 3);
  private static final TensorSpec B = TensorSpec.of("b", NumberFormat.FLOAT32, 1, 1);

  @TempDir Path folder;

  @Test
  void writesEveryTensorAsItWasRead() throws IOException {
    Path path = folder.resolve("x.safetensors");
    WeightSource source = RandomWeightsTest.TINY;
    List<TensorSpec> specs = source.names().stream().map(source::spec).toList();

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of("a", "ä \"b\""))) {
      source.names().forEach(name -> writer.write(source.read(name)));
      writer.finish();
    }

    try (SafetensorsFile file = SafetensorsFile.open(path.toString())) {
      assertThat(file.metadata()).containsExactly(Map.entry("a", "ä \"b\""));
      assertThat(file.names()).containsExactlyElementsOf(source.names());
      for (String name : source.names()) {
        assertThat(file.spec(name)).isEqualTo(source.spec(name));
        assertThat(file.read(name)).isEqualTo(source.read(name));
      }
      assertThat(VarCheckpoint.config(file)).isEqualTo(RandomWeightsTest.TINY_CONFIG);
    }
    assertThat(leftovers()).containsExactly("x.safetensors");
  }

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Path path = folder.resolve("x.safetensors");

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(A), Map.of())) {
      writer.write(ByteBuffer.wrap(new byte[] {7, 8, 9}));
      writer.finish();
    }

    String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
    ByteBuffer expected = ByteBuffer.allocate(8 + 56 + 3).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(56).put(header.getBytes(StandardCharsets.US_ASCII));
    while (expected.position() < 64) {
      expected.put((byte) ' ');
    }
    expected.put(new byte[] {7, 8, 9});
    assertThat(Files.readAllBytes(path)).isEqualTo(expected.array());
  }

  @Test
  void replacesTheTargetOnlyInTheEnd() throws IOException {
    Path path = Files.writeString(folder.resolve("x.safetensors"), "old");

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(A), Map.of())) {
      writer.write(ByteBuffer.allocate(3));
      assertThat(path).hasContent("old");
      writer.finish();
    }

    assertThat(Files.size(path)).isEqualTo(67);
  }

  @Test
  void leavesNothingBehindWhenItIsNotFinished() throws IOException {
    Path path = folder.resolve("x.safetensors");

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(A, B), Map.of())) {
      writer.write(ByteBuffer.allocate(3));
      assertThatThrownBy(writer::finish)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot finish '" + path + "': tensor b is missing");
    }

    assertThat(leftovers()).isEmpty();
  }

  @Test
  void refusesWhatWasNotAnnounced() {
    Path path = folder.resolve("x.safetensors");

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(A), Map.of())) {
      assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot write " + A + ": 4 bytes are given");
      writer.write(ByteBuffer.allocate(3));
      assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(3)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot write more tensors than were announced: 1");
    }
    assertThatThrownBy(() -> SafetensorsWriter.create(path, List.of(A, A), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write tensor 'a' twice");
  }

  @Test
  void refusesPlacesWhereNoFileCanBe() {
    Path nowhere = folder.resolve("missing").resolve("x.safetensors");

    assertThatThrownBy(() -> SafetensorsWriter.create(nowhere, List.of(A), Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write weights to '"
                + nowhere
                + "': there is no folder '"
                + nowhere.getParent()
                + "'. Make it first.");
    assertThatThrownBy(() -> SafetensorsWriter.create(folder, List.of(A), Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write weights to '" + folder + "': it is a directory (a file name is needed)");
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
