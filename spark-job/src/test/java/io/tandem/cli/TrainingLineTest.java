package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.job.TrainingProgress.Count;
import io.tandem.job.TrainingProgress.Reading;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingLineTest {

  private static final long SECOND = 1_000_000_000;

  private final AtomicLong clock = new AtomicLong();
  private final StringWriter results = new StringWriter();
  private final StringWriter messages = new StringWriter();

  @AfterEach
  void leaveTheTerminal() {
    System.clearProperty("tandem.terminal");
  }

  @Test
  void writesALineNowAndThen() {
    TrainingLine line = line();

    line.at(step(1));
    clock.set(29 * SECOND);
    line.at(step(2));
    clock.set(31 * SECOND);
    line.at(step(3));
    line.at(step(4));
    line.ended("drafter: done");

    assertThat(messages)
        .hasToString(
            """
            drafter: 1 of 4 steps, loss 0.8123, 35.1 images/s, 12 min left
            drafter: 3 of 4 steps, loss 0.8123, 35.1 images/s, 12 min left
            drafter: 4 of 4 steps, loss 0.8123, 35.1 images/s, 12 min left
            """);
    assertThat(results).hasToString("drafter: done\n");
  }

  @Test
  void stayOnOneLineOfATerminal() {
    System.setProperty("tandem.terminal", "true");
    TrainingLine line = line();

    line.at(new Reading("tokens", new Count(16, 99, "pictures"), OptionalDouble.empty(), 200, 1));
    clock.set(SECOND / 10);
    line.at(new Reading("tokens", new Count(32, 99, "pictures"), OptionalDouble.empty(), 200, 1));
    clock.set(SECOND / 2);
    line.at(new Reading("tokens", new Count(48, 99, "pictures"), OptionalDouble.empty(), 9, 1));
    line.ended("stopped");

    assertThat(messages)
        .hasToString(
            "\rtokens: 16 of 99 pictures, 200 images/s, 1 s left"
                + "\rtokens: 48 of 99 pictures, 9.00 images/s, 1 s left\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0.4, 0 s",
    "89, 89 s",
    "91, 2 min",
    "5300, 88 min",
    "5460, 1 h 31 min",
    "36000, 10 h 00 min"
  })
  void tellsTheTimeThatIsLeft(double seconds, String text) {
    assertThat(TrainingLine.duration(seconds)).isEqualTo(text);
  }

  private TrainingLine line() {
    return new TrainingLine(
        new PrintWriter(results, true), new PrintWriter(messages, true), clock::get);
  }

  private static Reading step(long step) {
    return new Reading(
        "drafter", new Count(step, 4, "steps"), OptionalDouble.of(0.81234), 35.1, 720);
  }
}
