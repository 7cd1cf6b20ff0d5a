package io.tandem.train;

import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.testing.SingleThread;
import io.tandem.testing.TinyModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that was stopped twice ends with the bits of one that was not. */
@ExtendWith(SingleThread.class)
class ResumedRunTest {

  @TempDir private Path folder;

  @Test
  void ofATransformer() {
    TokenSet tokens = TinyRuns.tokens(folder);
    FrozenQuantizer quantizer = TinyRuns.quantizer();

    new ResumedRun(folder).assertSameEnd(() -> TinyRuns.transformer(20, tokens, quantizer), 3, 11);

    TinyModels.close(quantizer);
  }

  @Test
  void ofAFeatureNetwork() {
    new ResumedRun(folder).assertSameEnd(() -> TinyRuns.features(20), 3, 11);
  }

  @Test
  void ofATokeniser() {
    new ResumedRun(folder).assertSameEnd(() -> TinyRuns.tokeniser(12), 1, 7);
  }
}
