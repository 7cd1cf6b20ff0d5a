package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.kernel.KernelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

class TandemTest {

  @TempDir Path folder;

  @Test
  void wantsACommand() {
    Ran ran = Ran.tandem();

    assertThat(ran)
        .isEqualTo(new Ran(1, "", "Which command?\nRun 'tandem --help' for the options.\n"));
  }

  @Test
  void namesAnUnknownCommandAndWhatIsNear() {
    Ran ran = Ran.tandem("docter");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("Unmatched argument at index 0: 'docter'\n")
        .contains("doctor")
        .endsWith("Run 'tandem --help' for the options.\n");
  }

  @Test
  void namesAnUnknownOption() {
    Ran ran = Ran.tandem("doctor", "--jsn", "a");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("Unknown options: '--jsn', 'a'\nPossible solutions: --json\n")
        .endsWith("Run 'tandem doctor --help' for the options.\n");
  }

  @Test
  void namesAMissingOption() {
    assertThat(Ran.tandem("kernels"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "Missing required option: '--out=FILE'\n"
                    + "Run 'tandem kernels --help' for the options.\n"));
  }

  @Test
  void listsExitCodesInItsHelp() {
    Ran ran = Ran.tandem("--help");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("doctor", "kernels", "the input is at fault");
  }

  @Test
  void knowsItsVersion() {
    assertThat(Ran.tandem("--version")).isEqualTo(new Ran(0, "Tandem development\n", ""));
  }

  @Test
  void answersTheInputsFaultsWithoutAStackTrace() {
    Path file = folder.resolve("none").resolve("kernels.pt");

    assertThat(Ran.tandem("kernels", "--out", file.toString()))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot write '%s': there is no folder '%s'. Make it first.%n"
                    .formatted(file, file.getParent())));
  }

  @Test
  void showsTheStackTraceOfTheInputsFaultsWhenAsked() {
    Ran ran = Ran.tandem("kernels", "--out", folder.toString(), "--stacktrace");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith(
            "Cannot write '%s': it is a directory (a file name is needed)%n".formatted(folder))
        .contains("io.tandem.base.UserError: ", "\tat io.tandem.cli.KernelsCommand.call");
  }

  @Test
  void writesTheKernels() {
    Path file = folder.resolve("kernels.pt");

    Ran ran = Ran.tandem("kernels", "--out", file.toString());

    byte[] archive = KernelArchive.toBytes();
    assertThat(ran)
        .isEqualTo(new Ran(0, "Wrote %,d bytes to %s%n".formatted(archive.length, file), ""));
    assertThat(file).hasBinaryContent(archive);
  }

  @Test
  void examinesTheMachine() throws IOException {
    Path file = folder.resolve("doctor.json");

    Ran ran = Ran.tandem("doctor", "--json", file.toString());

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("libtorch 2.7.1", "Device     cpu, ", "  auto     ");
    JsonNode findings = new ObjectMapper().readTree(file.toFile());
    JsonNode cpu = findings.get("devices").get(0);
    assertThat(cpu.get("name").asText()).isEqualTo("cpu");
    assertThat(cpu.get("rates").get("FP32").asDouble()).isPositive();
    double gain = cpu.get("rates").get("BF16").asDouble() / cpu.get("rates").get("FP32").asDouble();
    assertThat(cpu.get("auto").asText()).isEqualTo(gain >= 1.3 ? "BF16" : "FP32");
    assertThat(cpu.get("reason").asText()).contains("bf16 products run at ");
    assertThat(findings.get("memory").get("freeBytes").asLong())
        .isBetween(1L, findings.get("memory").get("totalBytes").asLong());
  }

  @Test
  void handsArgumentsAfterTheDashesToCommandsThatRunSpark() {
    Probe probe = new Probe();

    Ran ran = probe.ran("--out=s3a://key:planted@bucket/", "--", "--master", "local[2]");

    assertThat(probe.given.settings()).isEqualTo(Map.of("spark.master", "local[2]"));
    assertThat(ran).isEqualTo(new Ran(0, "writes s3a://*********(redacted)@bucket/\n", ""));
  }

  @Test
  void refusesArgumentsOfSparkForOtherCommands() {
    assertThat(Ran.tandem("kernels", "--out=a", "--", "--master", "local"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "Cannot pass arguments to Spark after '--': 'tandem kernels' does not run it.\n"
                    + "Run 'tandem kernels --help' for the options.\n"));
  }

  @Test
  void refusesUnknownArgumentsOfSparkFirst() {
    assertThat(new Probe().ran("--nonsense", "--", "--mastr", "local"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot pass '--mastr' to Spark: it is no option of spark-submit (the nearest is '--master')\n"));
  }

  @Test
  void showsNoSecretsInMessagesAndStackTraces() {
    Ran ran =
        new Probe()
            .ran(
                "--out=fail",
                "--",
                "--conf=spark.hadoop.fs.s3a.secret.key=planted/secret",
                "--conf",
                "spark.executorEnv.X_PASSWORD=planted-password");

    assertThat(ran.exitCode()).isEqualTo(3);
    assertThat(ran.err())
        .startsWith(
            "java.lang.IllegalStateException: refused *********(redacted), *********(redacted)\n")
        .contains("\tat io.tandem.cli.")
        .doesNotContain("planted");
  }

  @Test
  void anErrorOfTheMachineIsAFaultOfOursAndShowsNoSecrets() {
    Ran ran =
        new Probe()
            .ran("--out=break", "--", "--conf=spark.hadoop.fs.s3a.secret.key=planted/secret");

    assertThat(ran.exitCode()).isEqualTo(3);
    assertThat(ran.err())
        .startsWith("java.lang.NoClassDefFoundError: *********(redacted)\n")
        .contains("\tat io.tandem.cli.")
        .doesNotContain("planted");
  }

  @Test
  void showsNoSecretThatStandsBeforeTheDashes() {
    Ran ran = new Probe().ran("--conf", "spark.hadoop.fs.s3a.secret.key=planted");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("Unknown option").doesNotContain("planted");
  }

  /** A command that runs Spark. */
  @Command(name = "probe")
  private static final class Probe implements Callable<Integer>, SparkCommand {

    @Spec private CommandSpec spec;

    @Option(names = "--out")
    private String out;

    private SparkArguments given = SparkArguments.NONE;

    @Override
    public void useSpark(SparkArguments arguments) {
      given = arguments;
    }

    @Override
    public Integer call() {
      String values = String.join(", ", new TreeMap<>(given.settings()).values());
      if ("fail".equals(out)) {
        throw new IllegalStateException("refused " + values);
      }
      if ("break".equals(out)) {
        throw new NoClassDefFoundError(values);
      }
      spec.commandLine().getOut().printf("writes %s%n", out);
      return ExitCode.DONE;
    }

    Ran ran(String... args) {
      CommandLine commands = new CommandLine(new Tandem()).addSubcommand(this);
      return Ran.commands(
          commands, Stream.concat(Stream.of("probe"), Stream.of(args)).toArray(String[]::new));
    }
  }
}
