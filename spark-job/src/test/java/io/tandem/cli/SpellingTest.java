package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

  @ParameterizedTest
  @CsvSource({"guidence, guidance", "topk, top-k", "pln, plan", "temprature, temperature"})
  void theNearestWordIsTheOneWithTheFewestChanges(String written, String meant) {
    List<String> words = List.of("guidance", "guidance-scales", "plan", "temperature", "top-k");

    assertThat(Spelling.nearest(written, words)).isEqualTo(meant);
  }
}
