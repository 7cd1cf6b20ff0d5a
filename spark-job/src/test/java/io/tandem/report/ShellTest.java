package io.tandem.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellTest {

  @Test
  void quotesWhatAShellWouldRead() {
    assertThat(Shell.command("tandem", List.of("generate", "--out", "it's $HOME", "--seed", "7")))
        .isEqualTo("tandem generate \\\n    --out 'it'\\''s $HOME' \\\n    --seed 7");
  }
}
