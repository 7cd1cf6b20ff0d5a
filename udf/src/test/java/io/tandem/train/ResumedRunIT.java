package io.tandem.train;

import io.tandem.testing.SingleThread;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SingleThread.class)
class ResumedRunIT {

  @TempDir private Path folder;

  /** Past the step that revives dead codes by what was counted on both sides of a stop. */
  @Test
  void aTokeniserRevivesTheSameCodes() {
    new ResumedRun(folder).assertSameEnd(() -> TinyRuns.tokeniser(130), 60, 99);
  }
}
