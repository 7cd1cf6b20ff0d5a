package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassNamesTest {

  @TempDir Path folder;

  @Test
  void areReadFromTheHeaderOfAFile() {
    try (WeightSource source = file(ClassNames.header(List.of("disc", "black, grey <dog>")))) {
      assertThat(ClassNames.of(source, 2)).containsExactly("disc", "black, grey <dog>");
    }
  }

  @Test
  void areNoneWhereTheHeaderTellsNone() {
    try (WeightSource source = file(Map.of())) {
      assertThat(ClassNames.of(source, 2)).isEmpty();
    }
  }

  @Test
  void mustBeAsManyAsTheClasses() {
    try (WeightSource source = file(ClassNames.header(List.of("disc", "ring")))) {
      assertThatThrownBy(() -> ClassNames.of(source, 3))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot use the 2 class names in '%s': the models know 3 classes (one name each)",
              source.origin());
    }
  }

  @Test
  void mayNotCarryControlCharacters() {
    try (WeightSource source = file(Map.of("tandem.classes", "disc\nri\u001b[2Jng"))) {
      assertThatThrownBy(() -> ClassNames.of(source, 2))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot use the class names in '%s': one is empty, longer than 200 letters or has"
                  + " control characters",
              source.origin());
    }
  }

  private WeightSource file(Map<String, String> header) {
    Path file = folder.resolve("a.safetensors");
    TensorSpec spec = TensorSpec.of("a", NumberFormat.FLOAT32, 1);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, List.of(spec), header)) {
      writer.write(ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN));
      writer.finish();
    }
    return WeightFiles.open(file.toString());
  }
}
