package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tandem.model.NumberFormat;
import io.tandem.model.VarConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Loads a checkpoint in the shape of {@code var_d30.pth}, 8.04 GB, with 512 MiB of heap.
 *
 * <p>Runs with {@code -Dtandem.large}, for it writes and reads the whole file.
 */
class LargeCheckpointIT {

  private static final long NEEDED_BYTES = 12_000_000_000L;

  private final Path path = Path.of("target", "large.pth");

  @BeforeEach
  void requireTimeAndSpace() throws IOException {
    assumeThat(System.getProperty("tandem.large"))
        .as("writing and reading 8 GB takes a minute or more: run with -Dtandem.large=true")
        .isNotNull();
    Files.createDirectories(path.getParent());
    assumeThat(Files.getFileStore(path.getParent()).getUsableSpace())
        .as("free disk space for a file of 8 GB")
        .isGreaterThan(NEEDED_BYTES);
  }

  @AfterEach
  void removeFile() throws IOException {
    Files.deleteIfExists(path);
  }

  @Test
  void loadsTheLargestModelWithLittleHeap() throws Exception {
    WeightSource source = withBuffers(VarConfig.ofDepth(30));
    TorchFiles.save(path, source, StoredZip.Form.AS_NEEDED);
    long bytes = 0;
    long folded = 0;
    for (String name : source.names()) {
      bytes += source.spec(name).bytes();
      folded ^= LargeCheckpointReader.folded(source.read(name));
    }

    String output = read();

    assertThat(bytes).isEqualTo(8_042_166_864L); // parameters and buffers of the released file
    assertThat(Files.size(path)).isBetween(bytes, bytes + 402 * 400);
    assertThat(output).startsWith(String.format("402 %d %016x 512%n", bytes, folded));
    System.out.print(output.lines().skip(1).findFirst().orElseThrow() + "\n");
  }

  private String read() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeCheckpointReader.class.getName(),
                path.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static WeightSource withBuffers(VarConfig config) {
    EditedWeights source = new EditedWeights("large", RandomVarWeights.of(config, 30));
    long tokens = config.schedule().totalTokens();
    source.with(TensorSpec.of("attn_bias_for_masking", NumberFormat.FLOAT32, 1, 1, tokens, tokens));
    for (int block = 0; block < config.depth(); block++) {
      String name = "blocks." + block + ".attn.zero_k_bias";
      source.with(TensorSpec.of(name, NumberFormat.FLOAT32, config.width()));
    }
    return source;
  }
}
