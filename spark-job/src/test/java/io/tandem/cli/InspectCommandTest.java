package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightNames;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

  @TempDir Path folder;

  @Test
  void describesATransformer() {
    assertThat(Ran.tandem("inspect", TinyModels.LARGE, "--digest"))
        .isEqualTo(
            new Ran(
                0,
                String.join(
                    "\n",
                    TinyModels.LARGE,
                    "  kind       transformer",
                    "  depth      2",
                    "  width      128",
                    "  heads      2",
                    "  classes    10",
                    "  sides      [1, 2, 3, 4]",
                    "  vocabulary 128 codes of 32 channels",
                    "  AdaLN      per block",
                    "  tensors    38",
                    "  parameters 653,060",
                    "  numbers    float16",
                    "  size       1,320,005 bytes (1.32 MB)",
                    "  sha256     9676d82187f51aac1f9c4ee29a33a9b1a13055294f2d5c288389672bec431399",
                    "  complete   yes",
                    ""),
                ""));
  }

  @Test
  void describesAFeatureNetwork() {
    Path file = folder.resolve("features.safetensors");
    List<TensorSpec> specs =
        WeightNames.features(FeatureConfig.DEMO).entrySet().stream()
            .map(entry -> new TensorSpec(entry.getKey(), NumberFormat.FLOAT16, entry.getValue()))
            .toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      specs.forEach(spec -> writer.write(ByteBuffer.allocate((int) spec.bytes())));
      writer.finish();
    }

    assertThat(Ran.tandem("inspect", file.toString()).out())
        .startsWith(
            String.join(
                "\n",
                file.toString(),
                "  kind       features",
                "  features   64",
                "  classes    10",
                "  tensors    26",
                "  parameters 214,634",
                "  numbers    float16",
                "  size       "))
        .endsWith("\n  complete   yes\n");
  }

  @Test
  void describesSeveralForMachines() throws IOException {
    Path json = folder.resolve("inspect.json");

    Ran ran = Ran.tandem("inspect", "random:16", TinyModels.VAE, "--json", json.toString());

    assertThat(ran.exitCode()).isZero();
    JsonNode checkpoints = new ObjectMapper().readTree(json.toFile()).get("checkpoints");
    JsonNode transformer = checkpoints.get(0).get("summary").get("transformer");
    assertThat(transformer.get("depth").asInt()).isEqualTo(16);
    assertThat(transformer.get("latent").get("schedule").get("sides")).hasSize(10);
    assertThat(checkpoints.get(0).get("sha256").isNull()).isTrue();
    assertThat(checkpoints.get(1).get("summary").get("kind").asText()).isEqualTo("TOKENISER");
    assertThat(checkpoints.get(1).get("summary").get("findings").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("missing", "extra", "misshapen");
  }

  @Test
  void namesWhatIsMissingAndExtra() {
    Path file = folder.resolve("odd.safetensors");
    try (WeightSource source = WeightFiles.open(TinyModels.SMALL)) {
      List<TensorSpec> specs =
          source.names().stream()
              .map(
                  name ->
                      name.equals("head.bias")
                          ? new TensorSpec("tail", NumberFormat.FLOAT16, List.of(128L))
                          : source.spec(name))
              .toList();
      try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
        source.names().forEach(name -> writer.write(source.read(name)));
        writer.finish();
      }
    }

    Ran ran = Ran.tandem("inspect", file.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("  missing    head.bias [128]\n", "  extra      tail [128]\n")
        .doesNotContain("complete");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThat(Ran.tandem("inspect", "none.pth"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot load weights from 'none.pth': there is no such file (a .pth or .safetensors"
                    + " file is needed). Check the path.\n"));
  }
}
