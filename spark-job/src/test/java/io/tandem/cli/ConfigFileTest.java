package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {

  @TempDir Path folder;

  @Test
  void setsDefaultsOfOptions() throws IOException {
    Path target = folder.resolve("from-config.pt");

    Ran ran = withConfig("out = \"" + target + "\"");

    assertThat(ran.exitCode()).isZero();
    assertThat(target).exists();
  }

  @Test
  void yieldsToTheCommandLine() throws IOException {
    Path target = folder.resolve("from-flag.pt");

    Ran ran = withConfig("out = /nowhere/at/all", "--out", target.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(target).exists();
  }

  @Test
  void includesFilesOfItsFolderAndSubstitutesTheirValues() throws IOException {
    Path target = folder.resolve("included.pt");
    Files.writeString(folder.resolve("base.conf"), "out = " + folder + "/${name}.pt");

    Ran ran = withConfig("include \"base.conf\"\nname = included");

    assertThat(ran.err()).startsWith("Cannot use config '" + config() + "': 'name' is no option");
    assertThat(withConfig("include file(\"base2.conf\")", "--out", target.toString()).err())
        .isEqualTo(
            "Cannot include 'base2.conf' in config '%s': there is no such file%n"
                .formatted(config()));
    Files.writeString(folder.resolve("base.conf"), "out = " + target);
    assertThat(withConfig("include \"base.conf\"").exitCode()).isZero();
    assertThat(target).exists();
  }

  @Test
  void namesTheNearestKey() throws IOException {
    assertThat(withConfig("jsn = 1"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot use config '%s': 'jsn' is no option (the nearest is 'json'). Keys are the long names of options without the dashes.%n"
                    .formatted(config())));
  }

  @Test
  void refusesToIncludeWhatLiesElsewhere() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("a.conf"), "out = a");
    Files.createSymbolicLink(folder.resolve("link.conf"), elsewhere.resolve("a.conf"));

    for (String what : new String[] {"elsewhere/a.conf", "link.conf"}) {
      assertThat(withConfig("include \"" + what + "\""))
          .isEqualTo(
              new Ran(
                  2,
                  "",
                  "Cannot include '%s' in config '%s': it is not in the folder of the file (files of the same folder can be included)%n"
                      .formatted(what, config())));
    }
  }

  @Test
  void refusesToIncludeUrlsAndResources() throws IOException {
    assertThat(withConfig("include url(\"http://127.0.0.1:9/a.conf\")").err())
        .isEqualTo(
            "Cannot include 'http://127.0.0.1:9/a.conf' in config '%s': it is a URL (files of the same folder can be included)%n"
                .formatted(config()));
    assertThat(withConfig("include classpath(\"a.conf\")").err())
        .isEqualTo(
            "Cannot include 'a.conf' in config '%s': it is a resource (files of the same folder can be included)%n"
                .formatted(config()));
  }

  @Test
  void doesNotReadTheEnvironment() throws IOException {
    Ran ran = withConfig("out = ${PATH}");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith("Cannot use config '" + config() + "': ")
        .contains("Could not resolve substitution to a value: ${PATH}");
  }

  @Test
  void refusesFilesThatIncludeThemselves() throws IOException {
    Files.writeString(folder.resolve("a.conf"), "include \"b.conf\"");
    Files.writeString(folder.resolve("b.conf"), "include \"a.conf\"");

    assertThat(withConfig("include \"a.conf\""))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot include 'a.conf' in config '%s': it includes itself (files of the same folder can be included)%n"
                    .formatted(config())));
  }

  @Test
  void readsNoPartsOfAKeyThatHasNone() throws IOException {
    assertThat(withConfig("guidance { scale = 4 }"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot use config '%s': 'guidance.scale' is no option (the nearest is 'guidance-scales'). Keys are the long names of options without the dashes.%n"
                    .formatted(config())));
  }

  @Test
  void namesTheFileThatHasAWrongValue() throws IOException {
    Files.writeString(config(), "images = many\nclasses = 77");
    String[] generate = {"generate", "--dry-run", "--config", config().toString(), "--vae=demo"};
    List<String> args = new ArrayList<>(List.of(generate));
    args.addAll(List.of("--model=demo:drafter-n8", "--out=" + folder.resolve("run")));

    assertThat(Ran.tandem(args.toArray(String[]::new)))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot use config '%s': Invalid value for option '--images': 'many' is not a long%n"
                    .formatted(config())));

    args.add("--images=few");
    assertThat(Ran.tandem(args.toArray(String[]::new)))
        .isEqualTo(
            new Ran(
                1,
                "",
                "Invalid value for option '--images': 'few' is not a long\nRun 'tandem generate --help' for the options.\n"));
  }

  @Test
  void refusesFilesThatAreNestedTooDeep() throws IOException {
    assertThat(withConfig("a = " + "[".repeat(200_000)))
        .isEqualTo(
            new Ran(2, "", "Cannot use config '%s': it is nested too deep%n".formatted(config())));
  }

  @Test
  void refusesMalformedAndMissingFiles() throws IOException {
    assertThat(withConfig("out = [").err()).startsWith("Cannot use config '" + config() + "': ");
    assertThat(withConfig("out = [[1]]").err())
        .isEqualTo(
            "Cannot use config '%s': the value of 'out' is nested too deep or null (a string, a number, true, false, a list or an object of them).%n"
                .formatted(config()));
    assertThat(Ran.tandem("kernels", "--config=none.conf"))
        .isEqualTo(new Ran(2, "", "Cannot use config 'none.conf': there is no such file\n"));
  }

  private Path config() {
    return folder.resolve("test.conf");
  }

  private Ran withConfig(String text, String... flags) throws IOException {
    Files.writeString(config(), text);
    String[] args = new String[3 + flags.length];
    args[0] = "kernels";
    args[1] = "--config";
    args[2] = config().toString();
    System.arraycopy(flags, 0, args, 3, flags.length);
    return Ran.tandem(args);
  }
}
