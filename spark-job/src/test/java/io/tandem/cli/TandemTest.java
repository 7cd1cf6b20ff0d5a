package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.kernel.KernelArchive;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
