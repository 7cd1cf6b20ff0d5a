package io.tandem.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.AdaLn;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.weights.StoredZip.Form;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightSourcesTest {

  @TempDir Path folder;

  @Test
  void makesRandomModelsOfTheOfficialShapes() {
    try (WeightSource transformer = WeightSources.transformer("random:36");
        WeightSource tokeniser = WeightSources.tokeniser("random")) {
      VarConfig config = VarCheckpoint.config(transformer);

      assertThat(config.width()).isEqualTo(2304);
      assertThat(config.adaLn()).isEqualTo(AdaLn.SHARED);
      assertThat(config.schedule()).isEqualTo(ScaleSchedule.PIXELS_512);
      assertThat(VqCheckpoint.config(tokeniser)).isEqualTo(VqConfig.RELEASED);
      assertThat(transformer.origin()).isEqualTo("random:36");
      assertThat(tokeniser.origin()).isEqualTo("random");
    }
  }

  @Test
  void oneNameMeansTheSameWeightsEveryTime() {
    try (WeightSource one = WeightSources.transformer("random:1");
        WeightSource other = WeightSources.transformer("random:1")) {
      assertThat(one.read("head.weight")).isEqualTo(other.read("head.weight"));
      assertThat(one.sha256()).isEqualTo(other.sha256());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "x", "-3", "100", "1e1"})
  void rejectsDepthsThatAreNone(String depth) {
    assertThatThrownBy(() -> WeightSources.transformer("random:" + depth))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load 'random:%s': '%s' is no depth (1 to 99; random:16 has 16 blocks)",
            depth, depth);
  }

  @Test
  void opensFeatureNetworks() throws IOException {
    Path file = TorchFiles.save(folder.resolve("x.pth"), RandomWeightsTest.TINY, Form.AS_NEEDED);

    try (WeightSource random = WeightSources.features("inception:random");
        WeightSource named = WeightSources.features("inception:" + file)) {
      assertThat(InceptionCheckpoint.canonical(random).names()).hasSize(472);
      assertThat(named.origin()).isEqualTo(file.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "inception", "inception:", "x.pth", "demo:features"})
  void rejectsWhatNamesNoFeatureNetwork(String text) {
    assertThatThrownBy(() -> WeightSources.features(text))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load feature network '%s' (inception:FILE, inception:random or demo)", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "../../secret", ""})
  void rejectsDemoModelsThatTheBuildLacks(String name) {
    assertThatThrownBy(() -> WeightSources.transformer("demo:" + name))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load 'demo:%s': this build carries no demo model '%s'. Pass a checkpoint file"
                + " or a random model.",
            name, name);
  }

  @Test
  void readsDemoModelsFromTheClassPathAndCleansUp() throws IOException {
    Path file = folder.resolve("io/tandem/demo/big.safetensors");
    Files.createDirectories(file.getParent());
    List<TensorSpec> specs = List.of(new TensorSpec("a", NumberFormat.UINT8, List.of(3L)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      writer.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      writer.finish();
    }
    long copies = temporaryCopies();

    try (URLClassLoader classPath = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
        WeightSource source = DemoWeights.open("demo:big", "big", classPath)) {
      assertThat(source.origin()).isEqualTo("demo:big");
      assertThat(source.names()).containsExactly("a");
      assertThat(source.read("a").get(2)).isEqualTo((byte) 3);
      assertThat(source.bytes()).isEqualTo(Files.size(file));
    }

    assertThat(temporaryCopies()).isEqualTo(copies);
  }

  private static long temporaryCopies() throws IOException {
    try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.getFileName().toString().startsWith("tandem-demo-")).count();
    }
  }
}
