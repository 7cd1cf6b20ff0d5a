package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {

  @TempDir Path folder;

  @Test
  void measuresThePlanAndPlainVar() throws IOException {
    Path json = folder.resolve("bench.json");

    Ran ran =
        Ran.tandem(
            "bench",
            "--model=big=" + TinyModels.LARGE,
            "--model=small=" + TinyModels.SMALL,
            "--vae=" + TinyModels.VAE,
            "--plan=big:1-2,small:3-4",
            "--precision=fp32",
            "--batch-size=2",
            "--repeat=3",
            "--json=" + json);

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("loaded     3.2 MB", "rate       ", "plan big:1-2,small:3-4", "plan big:1-4")
        .contains(" times as fast as plain VAR", "memory     weights ");
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertThat(result.get("setting").get("batchSize").asInt()).isEqualTo(2);
    assertThat(result.get("plan").get("batchSeconds")).hasSize(3);
    assertThat(result.get("plan").get("scales")).hasSize(4);
    assertThat(result.get("baseline").get("plan").asText()).isEqualTo("big:1-4");
    assertThat(result.get("memory").get("caches").asLong()).isPositive();
  }

  @Test
  void measuresAtLeastOneBatch() {
    assertThat(Ran.tandem("bench", "--model=big=random:2", "--vae=random", "--repeat=0"))
        .isEqualTo(new Ran(2, "", "Cannot measure 0 batches (1 to 10000). Correct --repeat.\n"));
  }
}
