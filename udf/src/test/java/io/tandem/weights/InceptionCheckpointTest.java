package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InceptionCheckpointTest {

  @Test
  void theNetworkHasTheNumbersThatArePublished() {
    Map<String, List<Long>> shapes = InceptionCheckpoint.shapes();

    assertThat(InceptionLayers.ALL).hasSize(94);
    assertThat(shapes).hasSize(472);
    assertThat(count(shapes, ".*\\.conv\\.weight")).isEqualTo(21_751_136);
    assertThat(count(shapes, ".*\\.bn\\..*")).isEqualTo(68_864);
    assertThat(count(shapes, "fc\\..*")).isEqualTo(2_065_392);
    assertThat(shapes.get("Mixed_6c.branch7x7_2.conv.weight")).containsExactly(160L, 160L, 1L, 7L);
  }

  @Test
  void takesAStateDictWithOrWithoutCounters() {
    EditedWeights source = stateDict();
    source.with(TensorSpec.of("Mixed_5b.branch1x1.bn.num_batches_tracked", NumberFormat.INT64));

    WeightSource canonical = InceptionCheckpoint.canonical(source);

    assertThat(CheckpointKind.of(source)).isEqualTo(CheckpointKind.INCEPTION);
    assertThat(canonical.names()).containsExactlyElementsOf(InceptionCheckpoint.shapes().keySet());
    assertThat(canonical.read("fc.bias")).isEqualTo(source.read("fc.bias"));
    assertThat(canonical.origin()).isEqualTo("x");
  }

  @Test
  void takesTheTensorsOfNvidiasFile() {
    EditedWeights source = graph();

    WeightSource canonical = InceptionCheckpoint.canonical(source);

    assertThat(CheckpointKind.of(source)).isEqualTo(CheckpointKind.INCEPTION);
    assertThat(canonical.names()).containsExactlyElementsOf(InceptionCheckpoint.shapes().keySet());
    Map<String, String> names =
        Map.of(
            "Conv2d_4a_3x3.conv.weight", "layers.conv_4.weight",
            "Mixed_5b.branch1x1.bn.bias", "layers.mixed.conv.beta",
            "Mixed_5c.branch5x5_2.bn.running_mean", "layers.mixed_1.tower.conv_1.mean",
            "Mixed_6a.branch3x3dbl_3.bn.running_var", "layers.mixed_3.tower.conv_2.var",
            "Mixed_6d.branch7x7dbl_5.conv.weight", "layers.mixed_6.tower_1.conv_4.weight",
            "Mixed_7a.branch7x7x3_4.conv.weight", "layers.mixed_8.tower_1.conv_3.weight",
            "Mixed_7b.branch3x3_2b.conv.weight", "layers.mixed_9.tower_mixed_conv_1.weight",
            "Mixed_7c.branch3x3dbl_3a.conv.weight", "layers.mixed_10.tower_1_mixed_conv.weight",
            "Mixed_7c.branch_pool.conv.weight", "layers.mixed_10.tower_2_conv.weight",
            "fc.weight", "output.weight");
    names.forEach(
        (name, stored) -> {
          assertThat(canonical.spec(name).shape()).isEqualTo(source.spec(stored).shape());
          assertThat(canonical.read(name)).as(name).isEqualTo(source.read(stored));
        });
    float[] gammas = TorchFiles.floats(canonical.read("Mixed_7c.branch_pool.bn.weight"));
    assertThat(gammas).hasSize(192).containsOnly(1);
  }

  @Test
  void listsEverythingThatIsWrongInOneError() {
    EditedWeights source =
        stateDict()
            .without("Mixed_5b.branch1x1.bn.running_var")
            .with(TensorSpec.of("AuxLogits.fc.bias", NumberFormat.FLOAT32, 1008))
            .with(
                TensorSpec.of(
                    "Mixed_6b.branch7x7_2.conv.weight", NumberFormat.FLOAT32, 128, 128, 7, 1))
            .with(TensorSpec.of("fc.bias", NumberFormat.INT32, 1008));

    assertThatThrownBy(() -> InceptionCheckpoint.canonical(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load an Inception network from 'x': 4 of its tensors are missing, extra or"
                + " misshapen (it looks like Inception v3 of 2015-12-05 with 1008 outputs, as a"
                + " state dict of torchvision's names). Use the complete file of one model."
                + "\n  missing: Mixed_5b.branch1x1.bn.running_var [64]"
                + "\n  extra: AuxLogits.fc.bias [1008]"
                + "\n  misshapen: Mixed_6b.branch7x7_2.conv.weight is [128, 128, 7, 1], expected"
                + " [128, 128, 1, 7]"
                + "\n  misshapen: fc.bias has numbers of INT32, expected FLOAT16, BFLOAT16, FLOAT32"
                + " or FLOAT64");
  }

  @Test
  void listsWhatIsWrongUnderNvidiasNames() {
    EditedWeights source = graph().without("layers.mixed_10.tower_conv.mean");

    assertThatThrownBy(() -> InceptionCheckpoint.canonical(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load an Inception network from 'x': 1 of its tensors is missing, extra or"
                + " misshapen (it looks like Inception v3 of 2015-12-05 with 1008 outputs, as in"
                + " NVIDIA's TorchScript file). Use the complete file of one model."
                + "\n  missing: layers.mixed_10.tower_conv.mean [384]");
  }

  @Test
  void torchvisionsOwnWeightsAreNotThatNetwork() {
    EditedWeights source =
        stateDict()
            .with(TensorSpec.of("fc.weight", NumberFormat.FLOAT32, 1000, 2048))
            .with(TensorSpec.of("fc.bias", NumberFormat.FLOAT32, 1000));

    assertThatThrownBy(() -> InceptionCheckpoint.canonical(source))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load an Inception network from 'x': 2 of its tensors are missing, extra or"
                + " misshapen (it looks like torchvision's own weights of 1000 classes, which no FID"
                + " is computed with). Use the complete file of one model."
                + "\n  misshapen: fc.weight is [1000, 2048], expected [1008, 2048]"
                + "\n  misshapen: fc.bias is [1000], expected [1008]");
  }

  @Test
  void aTransformerIsNoInception() {
    assertThatThrownBy(() -> InceptionCheckpoint.canonical(RandomWeightsTest.TINY))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load an Inception network from 'random:2': it holds a transformer (an Inception"
                + " network has tensors such as Mixed_5b.branch1x1.conv.weight and fc.weight, or"
                + " layers.mixed.conv.weight and output.weight). Use the file of an Inception"
                + " network here.");
  }

  @Test
  void summarisesItself() {
    CheckpointSummary summary = CheckpointSummary.of(stateDict());

    assertThat(summary.kind()).isEqualTo(CheckpointKind.INCEPTION);
    assertThat(summary.contents().parameters()).isEqualTo(23_885_392);
    assertThat(summary.findings().isEmpty()).isTrue();
    assertThat(summary.features()).isEmpty();
  }

  private static long count(Map<String, List<Long>> shapes, String pattern) {
    return shapes.entrySet().stream()
        .filter(entry -> entry.getKey().matches(pattern))
        .mapToLong(entry -> entry.getValue().stream().reduce(1L, (a, b) -> a * b))
        .sum();
  }

  private static EditedWeights stateDict() {
    return random(InceptionCheckpoint.shapes());
  }

  private static EditedWeights graph() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (InceptionLayers.Layer layer : InceptionLayers.ALL) {
      shapes.put(layer.graphName() + ".weight", layer.shape());
      shapes.put(layer.graphName() + ".beta", List.of(layer.channels()));
      shapes.put(layer.graphName() + ".mean", List.of(layer.channels()));
      shapes.put(layer.graphName() + ".var", List.of(layer.channels()));
    }
    shapes.put("output.weight", List.of(1008L, 2048L));
    shapes.put("output.bias", List.of(1008L));
    return random(shapes);
  }

  private static EditedWeights random(Map<String, List<Long>> shapes) {
    return new EditedWeights(
        "x",
        new RandomWeights(
            new RandomWeights.Recipe("x", "inception", 0),
            shapes,
            Map.of(),
            spec -> List.of(new RandomWeights.Run(spec.numbers(), 0, 1))));
  }
}
