package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tandem.model.Precision;
import io.tandem.testing.FloatArrays;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.RecordingObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Larger golden cases, in the folder that {@code -Dtandem.golden} names. */
class GoldenIT {

  @ParameterizedTest
  @ValueSource(strings = {"full", "shared"})
  void agreesWithTheReference(String name) {
    GoldenChecks checks = checks(name);

    checks.plainVar();
    checks.collaborative();
    checks.truncatedGuidance();
    checks.teacherForcing();
    checks.splitsOfOneModelChangeNothing();
  }

  @Test
  void bfloat16StaysCloseToFloat32() {
    GoldenChecks checks = checks("full");
    RecordingObserver exact;
    RecordingObserver rounded;
    try (ModelSet models = checks.models(Precision.FP32)) {
      exact = checks.watch(models, checks.codePlan());
    }
    try (ModelSet models = checks.models(Precision.BF16)) {
      rounded = checks.watch(models, checks.codePlan());
    }

    int same = 0;
    int all = 0;
    for (int scale = 0; scale < exact.tokens.size(); scale++) {
      for (int i = 0; i < exact.tokens.get(scale).length; i++) {
        same += exact.tokens.get(scale)[i] == rounded.tokens.get(scale)[i] ? 1 : 0;
        all++;
      }
    }
    double agreement = (double) same / all;
    System.out.printf(
        "bf16 agrees with fp32 in %.2f %% of greedy ids of 'full'%n", 100 * agreement);
    assertThat(agreement).isGreaterThanOrEqualTo(0.95);
    assertThat(FloatArrays.relativeError(rounded.images, exact.images)).isLessThan(0.1);
  }

  private static GoldenChecks checks(String name) {
    String folder = System.getProperty("tandem.golden");
    assumeTrue(
        folder != null && Files.isDirectory(Path.of(folder, name)),
        "needs -Dtandem.golden=FOLDER with the golden case '" + name + "'");
    return new GoldenChecks(GoldenCase.in(Path.of(folder, name)));
  }
}
