package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.run.RunningProcess.Life;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunningProcessTest {

  private static final RunningProcess SELF = RunningProcess.current();

  @Test
  void isTheSameWheneverItIsAsked() {
    assertThat(RunningProcess.current()).isEqualTo(SELF);
    assertThat(SELF.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(SELF.host()).isNotEmpty();
  }

  @Test
  void livesAsLongAsItsPidHasItsStart() {
    assertThat(SELF.life(SELF)).isEqualTo(Life.ALIVE);
    assertThat(with(SELF.space(), SELF.pid(), SELF.startTicks() + 1).life(SELF))
        .isEqualTo(Life.GONE);
  }

  @Test
  void knowsNothingOfOtherMachinesAndContainers() {
    assertThat(with("other", SELF.pid(), SELF.startTicks()).life(SELF)).isEqualTo(Life.UNKNOWN);
    assertThat(with(SELF.host(), SELF.pid(), SELF.startTicks()).life(SELF)).isEqualTo(Life.UNKNOWN);
  }

  @Test
  void withoutTicksTheTimeOfTheStartTells() {
    RunningProcess same = new RunningProcess("h", SELF.space(), SELF.pid(), 0, SELF.start());
    RunningProcess later =
        new RunningProcess("h", SELF.space(), SELF.pid(), 0, SELF.start().plusSeconds(9));

    assertThat(same.life(SELF)).isEqualTo(Life.ALIVE);
    assertThat(later.life(SELF)).isEqualTo(Life.GONE);
  }

  @Test
  void aChildThatNobodyAskedAboutIsGoneWhenItEnded() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    RunningProcess seen = with(SELF.space(), child.pid(), ticks(child.pid()));
    assertThat(seen.life(SELF)).isEqualTo(Life.ALIVE);

    child.destroyForcibly().waitFor();

    assertThat(seen.life(SELF)).isEqualTo(Life.GONE);
  }

  private static long ticks(long pid) throws Exception {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
  }

  private static RunningProcess with(String space, long pid, long ticks) {
    return new RunningProcess(SELF.host(), space, pid, ticks, Instant.EPOCH);
  }
}
