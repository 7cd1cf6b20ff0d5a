package io.tandem.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The processor of this machine.
 *
 * @param model its name
 * @param instructionSets those of interest that it has: what libtorch chooses its kernels by
 */
public record Processor(String model, List<String> instructionSets) {

  private static final List<String> OF_INTEREST =
      List.of("avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_fp16");

  public Processor {
    instructionSets = List.copyOf(instructionSets);
  }

  /** Returns the processor; {@code unknown} and no instruction sets where there is no procfs. */
  public static Processor ofThisMachine() {
    try {
      return parse(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return parse(List.of());
    }
  }

  /** Returns the instruction sets as one text, {@code cpu avx2 fma}. */
  public String kind() {
    return instructionSets.isEmpty() ? "cpu" : "cpu " + String.join(" ", instructionSets);
  }

  /** Returns the first processor that the lines of {@code /proc/cpuinfo} describe. */
  static Processor parse(List<String> lines) {
    Map<String, String> fields =
        lines.stream()
            .map(line -> line.split(":", 2))
            .filter(field -> field.length == 2)
            .collect(
                Collectors.toMap(
                    field -> field[0].strip(), field -> field[1].strip(), (a, b) -> a));
    List<String> flags = Arrays.asList(fields.getOrDefault("flags", "").split(" "));
    return new Processor(
        fields.getOrDefault("model name", "unknown"),
        OF_INTEREST.stream().filter(flags::contains).toList());
  }
}
