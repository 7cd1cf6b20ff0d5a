package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.job.DemoRecipe;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class DemoConfTest {

  private static final DemoRecipe.Quality QUALITY = DemoRecipe.STANDARD.quality();

  @Test
  void samplesAsTheFiguresOfThePackWereTaken() {
    assertThat(value("guidance", "generate")).isEqualTo(text(QUALITY.guidance()));
    assertThat(value("top-k", "generate")).isEqualTo(text(QUALITY.topK()));
    assertThat(value("top-p", "generate")).isEqualTo(text(QUALITY.topP()));
    assertThat(value("temperature", "generate")).isEqualTo(text(QUALITY.temperature()));
  }

  @Test
  void countsForGenerateWithoutModels() {
    assertThat(value("drafter", "generate", "--out", "x")).isEqualTo("demo:drafter-n8");
    assertThat(value("drafter", "generate", "--vae", "random")).isNull();
    assertThat(value("drafter", "decode")).isNull();
  }

  @Test
  void yieldsToOtherWaysToSayTheSame() {
    assertThat(value("images", "generate")).isEqualTo("200");
    assertThat(value("images", "generate", "--per-class=3")).isNull();
    assertThat(value("images", "generate", "--labels", "3")).isNull();
    assertThat(value("draft-scales", "generate", "--plan", "drafter:1-10")).isNull();
    assertThat(value("vae", "generate", "--plan", "drafter:1-10")).isEqualTo("demo");
  }

  private static String value(String key, String... args) {
    CommandLine commands = new CommandLine(new Tandem());
    return ConfigFile.named(args, commands)
        .defaultValue(OptionSpec.builder("--" + key).type(String.class).build());
  }

  private static String text(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }
}
