package io.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorTest {

  @Test
  void readsNameAndInstructionSetsOfTheFirstOne() {
    List<String> lines =
        List.of(
            "processor\t: 0",
            "model name\t: Intel(R) Xeon(R): test",
            "flags\t\t: fpu avx2 avx512f avx512_bf16",
            "",
            "processor\t: 1",
            "model name\t: another");

    assertThat(Processor.parse(lines))
        .isEqualTo(
            new Processor("Intel(R) Xeon(R): test", List.of("avx2", "avx512f", "avx512_bf16")));
  }

  @Test
  void isUnknownWhereNothingDescribesIt() {
    assertThat(Processor.parse(List.of())).isEqualTo(new Processor("unknown", List.of()));
  }
}
