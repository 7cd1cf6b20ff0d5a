package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files in {@code conf/studies}: all of them can be planned. */
class StudiesTest {

  private static final List<String> STUDIES =
      List.of(
          "batch-size.conf",
          "draft-scales.conf",
          "guidance-truncation.conf",
          "ladder.conf",
          "memory.conf",
          "mixed-drafter.conf",
          "mutual-exclusion.conf",
          "reverse.conf",
          "scale-swap.conf");

  /** Checkpoints in a study; random models of the released shape take their places. */
  private static final Pattern MODEL =
      Pattern.compile("demo:[a-z0-9-]+|(?:var|drafter|refiner)_[a-z0-9]+\\.pth");

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("studies")
  void isPlanned(Path study) throws IOException {
    Path planned = folder.resolve("study.conf");
    String text = Files.readString(study);
    Files.writeString(
        planned,
        MODEL
            .matcher(text)
            .replaceAll(match -> "random:" + (1 + Math.floorMod(match.group().hashCode(), 60)))
            .replace("vae = demo", "vae = random")
            .replace("\"vae_ch160v4096z32.pth\"", "random"));

    Ran ran = Ran.tandem("sweep", "--config=" + planned, "--out=" + folder, "--dry-run");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith("points     ");
    assertThat(ran.out().lines().filter(line -> line.startsWith("group  "))).isNotEmpty();
  }

  static Stream<Path> studies() {
    return Stream.of(conf(), conf().resolve("imagenet256"))
        .flatMap(place -> STUDIES.stream().map(place::resolve));
  }

  @Test
  void allFilesAreStudies() throws IOException {
    for (Path place : List.of(conf(), conf().resolve("imagenet256"))) {
      try (Stream<Path> files = Files.list(place)) {
        assertThat(
                files
                    .filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted())
            .isEqualTo(STUDIES);
      }
    }
  }

  @Test
  void whatNeedsNoTrainingHasTheFiltersOfVar() {
    for (String name : List.of("draft-scales", "scale-swap", "reverse", "ladder")) {
      for (Path place : List.of(conf(), conf().resolve("imagenet256"))) {
        Config config = ConfigFactory.parseFile(place.resolve(name + ".conf").toFile());
        assertThat(config.getInt("top-k")).isEqualTo(900);
        assertThat(config.getDouble("top-p")).isEqualTo(0.96);
        assertThat(config.getDouble("temperature")).isEqualTo(1);
        assertThat(config.getDouble("guidance")).isEqualTo(1.5);
      }
    }
  }

  @Test
  void whatIsFineTunedHasTheFiltersOfCode() {
    int found = 0;
    for (Path place : List.of(conf(), conf().resolve("imagenet256"))) {
      Config config = ConfigFactory.parseFile(place.resolve("draft-scales.conf").toFile());
      for (Config point : config.getConfigList("points")) {
        if (point.getString("name").endsWith("-fine-tuned")) {
          assertThat(point.getInt("top-k")).isEqualTo(600);
          assertThat(point.getString("temperature")).isEqualTo("1.1:1-7,1.0:8-10");
          found++;
        }
      }
    }
    assertThat(found).isEqualTo(5);
  }

  @Test
  void namesInCommentsAreThoseOfTheFiles() throws IOException {
    for (Path study : studies().toList()) {
      Matcher command =
          Pattern.compile("tandem sweep --config (\\S+)").matcher(Files.readString(study));
      assertThat(command.find()).isTrue();
      assertThat(conf().getParent().getParent().resolve(command.group(1))).isEqualTo(study);
    }
  }

  private static Path conf() {
    return Path.of(System.getProperty("basedir", "")).resolveSibling("conf").resolve("studies");
  }
}
