package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    Path conf = Path.of(System.getProperty("basedir", "")).resolveSibling("conf");
    try (Stream<Path> files = Files.list(conf)) {
      List<Path> presets = files.filter(file -> file.toString().endsWith(".conf")).toList();
      assertThat(presets).isNotEmpty();
      return presets.stream();
    }
  }
}
