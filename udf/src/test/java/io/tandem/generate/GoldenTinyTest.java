package io.tandem.generate;

import io.tandem.testing.GoldenCase;
import org.junit.jupiter.api.Test;

class GoldenTinyTest {

  private final GoldenChecks checks = new GoldenChecks(GoldenCase.tiny());

  @Test
  void plainVarGivesTheTokensLogitsAndImagesOfTheReference() {
    checks.plainVar();
  }

  @Test
  void collaborativeDecodingGivesThoseOfTheReference() {
    checks.collaborative();
  }

  @Test
  void endingGuidanceEarlyGivesThoseOfTheReference() {
    checks.truncatedGuidance();
  }

  @Test
  void teacherForcingGivesTheLogitsOfTheReference() {
    checks.teacherForcing();
  }

  @Test
  void splittingAModelFromItselfChangesNothing() {
    checks.splitsOfOneModelChangeNothing();
  }
}
