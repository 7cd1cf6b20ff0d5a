package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzRows;
import io.tandem.table.WrittenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much heap a process needs to export many pictures: as much as for a few. */
class ExportHeapIT {

  @TempDir Path folder;

  @Test
  void picturesOfThreeTimesTheHeapStreamThrough() throws IOException, InterruptedException {
    // 236 MB of pixels.
    streams(1_200, 600, "-Xmx80m");
  }

  @Test
  void theUsualDataSetForFidStreamsThrough() throws IOException, InterruptedException {
    assumeThat(System.getProperty("tandem.large"))
        .as("writing and reading 9.8 GB takes minutes: run with -Dtandem.large=true")
        .isNotNull();

    streams(50_000, 5_000, "-Xmx511m");
  }

  private void streams(int images, int waveImages, String heap)
      throws IOException, InterruptedException {
    WrittenRun run =
        new WrittenRun(folder.resolve("run")).side(256).large(16).write(images, waveImages);
    Path out = folder.resolve("set.npz");
    Path log = folder.resolve("log");

    int exitCode =
        tandem(
            heap, log, "export", "--run=" + folder.resolve("run"), "--format=npz", "--out=" + out);

    assertThat(exitCode).as(Files.readString(log)).isZero();
    try (NpzFile npz = NpzFile.open(out);
        NpzRows pixels = npz.rows("arr_0")) {
      assertThat(pixels.shape()).containsExactly((long) images, 256L, 256L, 3L);
      for (int i = 0; i < images; i++) {
        // The last row comes with the checksum of all.
        byte[] row = pixels.next();
        if (i < 20 || i > images - 20) {
          assertThat(row).as("sample %d", i).isEqualTo(run.picture(i).rgb());
        }
      }
      assertThat(npz.array("arr_1").toLongs()).hasSize(images);
    }
  }

  private static int tandem(String heap, Path log, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(heap, "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Tandem.class.getName());
    Stream.of(arguments).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start()
        .waitFor();
  }
}
