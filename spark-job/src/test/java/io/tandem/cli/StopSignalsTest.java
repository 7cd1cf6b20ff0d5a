package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopSignalsTest {

  @Test
  void takesASignalForAWish() throws Exception {
    StringWriter messages = new StringWriter();
    try (StopSignals signals = StopSignals.listen(new PrintWriter(messages, true))) {
      assertThat(signals.isStopWished()).isFalse();

      signal("TERM");

      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!signals.isStopWished() && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      assertThat(signals.isStopWished()).isTrue();
    }
    assertThat(messages).hasToString("stopping after this step; the next signal ends at once\n");
  }

  private static void signal(String name) throws Exception {
    List<String> kill = List.of("kill", "-s", name, Long.toString(ProcessHandle.current().pid()));
    assertThat(new ProcessBuilder(kill).start().waitFor()).isZero();
  }
}
