package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in {@code conf}: all their keys and values are legal for the released models. */
class PresetTest {

  /** A batch that fits nowhere is refused after all settings were read and before any work. */
  @ParameterizedTest
  @MethodSource
  void isRead(Path preset) {
    boolean collaborative = preset.toString().contains("-code-");
    List<String> models =
        collaborative
            ? List.of("--drafter=random:2", "--refiner=random:1")
            : List.of("--model=big=random:2");

    Ran ran =
        Ran.tandem(
            Stream.concat(
                    Stream.of(
                        "decode",
                        "--config=" + preset,
                        "--vae=random",
                        "--labels=3",
                        "--precision=fp32",
                        "--batch-size=1000000",
                        "--json=" + Path.of("target", "preset.json").toAbsolutePath()),
                    models.stream())
                .toArray(String[]::new));

    assertThat(ran.err()).startsWith("Cannot decode a batch of 1000000 images: it needs ");
    assertThat(ran.exitCode()).isEqualTo(2);
  }

  static Stream<Path> isRead() throws IOException {
    try (Stream<Path> files = Files.list(conf())) {
      List<Path> presets =
          files
              .filter(file -> file.getFileName().toString().matches("imagenet\\d+-.*\\.conf"))
              .sorted()
              .toList();
      assertThat(presets).hasSize(10);
      return presets.stream();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagenet256-var-d30", "imagenet512-var-d36"})
  void plainVarHasTheValuesOfItsAuthors(String name) {
    Config config = preset(name);

    assertValuesOfVar(config);
    assertThat(config.hasPath("draft-scales")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8, 9})
  void codeHasTheValuesOfItsPaper(int drafted) {
    Config fineTuned = preset("imagenet256-code-n" + drafted);

    assertThat(fineTuned.getInt("draft-scales")).isEqualTo(drafted);
    assertThat(fineTuned.getDouble("guidance")).isEqualTo(1.5);
    assertThat(fineTuned.getInt("top-k")).isEqualTo(600);
    assertThat(fineTuned.getDouble("top-p")).isEqualTo(0.96);
    assertThat(fineTuned.getString("temperature")).isEqualTo("1.1:1-7,1.0:8-10");
    assertThat(fineTuned.getString("pixel-rounding")).isEqualTo("truncate");
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8, 9})
  void codeWithoutTrainingHasTheValuesOfVar(int drafted) {
    Config trainingFree = preset("imagenet256-code-n%d-training-free".formatted(drafted));

    assertValuesOfVar(trainingFree);
    assertThat(trainingFree.getInt("draft-scales")).isEqualTo(drafted);
  }

  @Test
  void eachValueStandsOnce() throws IOException {
    int guidances = 0;
    for (Path preset : isRead().toList()) {
      guidances += Files.readString(preset).contains("guidance") ? 1 : 0;
    }

    assertThat(guidances).isEqualTo(1);
  }

  private static void assertValuesOfVar(Config config) {
    assertThat(config.getDouble("guidance")).isEqualTo(1.5);
    assertThat(config.getInt("top-k")).isEqualTo(900);
    assertThat(config.getDouble("top-p")).isEqualTo(0.96);
    assertThat(config.getDouble("temperature")).isEqualTo(1);
    assertThat(config.getString("pixel-rounding")).isEqualTo("truncate");
  }

  private static Config preset(String name) {
    return ConfigFactory.parseFile(conf().resolve(name + ".conf").toFile()).resolve();
  }

  private static Path conf() {
    return Path.of(System.getProperty("basedir", "")).resolveSibling("conf");
  }
}
