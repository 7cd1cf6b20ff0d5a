package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class GenerateLineTest {

  private final StringWriter messages = new StringWriter();
  private final GenerateLine line = new GenerateLine(new PrintWriter(messages, true), () -> false);

  @Test
  void aLineIsSaidAtTheBeginningAndAtTheEnd() {
    line.progressed(40, 1200);
    line.progressed(80, 1200);
    line.progressed(1200, 1200);

    assertThat(messages.toString().lines())
        .hasSize(2)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).isEqualTo("40 of 1,200 images");
              assertThat(lines.get(1))
                  .matches("1,200 of 1,200 images, [\\d.,]+ images/s, 0 s left");
            });
  }

  @Test
  void theNextDataSetOfASweepHasARateOfItsOwn() {
    line.progressed(0, 100);
    line.progressed(100, 100);
    line.progressed(0, 300);

    assertThat(messages.toString().lines()).last().isEqualTo("0 of 300 images");
  }
}
