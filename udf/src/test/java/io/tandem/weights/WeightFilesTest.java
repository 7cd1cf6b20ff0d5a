package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFilesTest {

  private static final String LEGAL = " (a .pth or .safetensors file is needed). ";

  @TempDir Path folder;

  @Test
  void tellsFormatsByTheirContent() throws IOException {
    Path torch = folder.resolve("a.bin");
    Path tensors = folder.resolve("b.bin");
    TorchFiles.saveView(torch, new float[] {1}, new StridedView(0, List.of(), List.of()));
    SafetensorsWriter.create(tensors, List.of(), Map.of()).finish();

    try (WeightSource first = WeightFiles.open(torch.toString());
        WeightSource second = WeightFiles.open(tensors.toString())) {
      assertThat(first).isInstanceOf(TorchCheckpoint.class);
      assertThat(second).isInstanceOf(SafetensorsFile.class);
    }
  }

  @Test
  void refusesAMissingFile() {
    assertRefused("no/such/x.pth", "there is no such file" + LEGAL + "Check the path.");
  }

  @Test
  void refusesADirectory() {
    assertRefused(folder.toString(), "it is a directory" + LEGAL + "Name a file in it.");
  }

  @Test
  void refusesWhatIsNoPath() {
    assertThatThrownBy(() -> WeightFiles.open("x\0.pth"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load weights from 'x?.pth': this is not a path" + LEGAL + "Check the path.");
  }

  @Test
  void refusesADevice() {
    assumeThat(Files.exists(Path.of("/dev/zero"))).as("this system has no /dev/zero").isTrue();

    assertRefused("/dev/zero", "it is not a regular file" + LEGAL + "Copy it to a file.");
  }

  @Test
  void refusesAnUnreadableFile() throws IOException {
    Path path = Files.write(folder.resolve("x.pth"), new byte[] {1});
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("-w-------"));
    assumeThat(Files.isReadable(path)).as("this user may read every file").isFalse();

    assertRefused(
        path.toString(), "reading it is not permitted" + LEGAL + "Check its permissions.");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    Path path = Files.write(folder.resolve("x.pth"), new byte[0]);

    assertRefused(path.toString(), "it is empty" + LEGAL + "Copy or download it again.");
  }

  @Test
  void refusesUnknownContent() throws IOException {
    Path path = Files.writeString(folder.resolve("x.pth"), "<html>404 not found</html>");

    assertRefused(
        path.toString(),
        "it is neither a zip archive of torch.save nor a safetensors file. Check that the download"
            + " is complete and that this is the file of the weights.");
  }

  private static void assertRefused(String location, String found) {
    assertThatThrownBy(() -> WeightFiles.open(location))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot load weights from '" + location + "': " + found);
  }
}
