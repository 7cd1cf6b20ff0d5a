package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.model.NumberFormat;
import io.tandem.testing.SyntheticInception;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InceptionFilesIT {

  @TempDir private Path folder;

  @Test
  void oneNetworkHasOneDigestInEveryKindOfFile() throws IOException {
    WeightSource network = SyntheticInception.withoutGamma();
    List<Path> files = new ArrayList<>();
    files.add(TorchFiles.saveOld(folder.resolve("old.pth"), network));
    files.add(TorchFiles.save(folder.resolve("new.pth"), network, StoredZip.Form.AS_NEEDED));
    files.add(TorchFiles.saveScript(folder.resolve("nvidia.pt"), graph(network)));
    files.add(safetensors(folder.resolve("x.safetensors"), network));

    List<String> digests = new ArrayList<>();
    List<String> fileDigests = new ArrayList<>();
    for (Path file : files) {
      try (WeightSource source = WeightFiles.open(file.toString())) {
        WeightSource canonical = InceptionCheckpoint.canonical(source);
        digests.add(canonical.sha256());
        fileDigests.add(source.sha256());
        assertThat(canonical.read("Mixed_7b.branch3x3_2a.conv.weight"))
            .isEqualTo(network.read("Mixed_7b.branch3x3_2a.conv.weight"));
      }
    }

    assertThat(digests).hasSize(4).containsOnly(digests.get(0));
    assertThat(digests.get(0)).matches("[0-9a-f]{64}");
    assertThat(fileDigests).doesNotHaveDuplicates();
    assertThat(InceptionCheckpoint.canonical(SyntheticInception.ofTheRecipe()).sha256())
        .isNotEqualTo(digests.get(0));
  }

  /** The same tensors under the names of NVIDIA's file, without gammas. */
  private static WeightSource graph(WeightSource network) {
    EditedWeights graph = new EditedWeights("graph", network).withoutAll(".*");
    for (InceptionLayers.Layer layer : InceptionLayers.ALL) {
      Map<String, String> parts =
          Map.of(
              ".weight", ".conv.weight",
              ".beta", ".bn.bias",
              ".mean", ".bn.running_mean",
              ".var", ".bn.running_var");
      parts.forEach((to, from) -> put(graph, layer.graphName() + to, network, layer.name() + from));
    }
    put(graph, "output.weight", network, "fc.weight");
    put(graph, "output.bias", network, "fc.bias");
    return graph;
  }

  private static void put(EditedWeights graph, String to, WeightSource network, String from) {
    TensorSpec spec = new TensorSpec(to, NumberFormat.FLOAT32, network.spec(from).shape());
    graph.with(spec, network.read(from));
  }

  private static Path safetensors(Path file, WeightSource network) {
    List<TensorSpec> specs = network.names().stream().map(network::spec).toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      specs.forEach(spec -> writer.write(network.read(spec.name())));
      writer.finish();
    }
    return file;
  }
}
