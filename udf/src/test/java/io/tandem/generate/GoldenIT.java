package io.tandem.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tandem.model.Precision;
import io.tandem.testing.FloatArrays;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.RecordingObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @ParameterizedTest
  @ValueSource(strings = {"full", "shared"})
  void bfloat16StaysCloseToFloat32(String name) {
    GoldenChecks checks = checks(name);
    try (ModelSet exactModels = checks.models(Precision.FP32);
        ModelSet roundedModels = checks.models(Precision.BF16)) {
      RecordingObserver exact = checks.watch(exactModels, checks.codePlan());
      RecordingObserver rounded = checks.watch(roundedModels, checks.codePlan());
      List<long[]> given = exact.tokens.subList(0, exact.tokens.size() - 1);

      double error =
          FloatArrays.relativeError(
              checks.watch(roundedModels, checks.codePlan(), given).logits.get(0),
              checks.watch(exactModels, checks.codePlan(), given).logits.get(0));
      double agreement = agreement(exact.tokens, rounded.tokens);

      System.out.printf(
          "bf16 on '%s': logits of the last scale differ by %.2f %%, %.2f %% of greedy ids agree%n",
          name, 100 * error, 100 * agreement);
      assertThat(error).isLessThan(0.02);
      assertThat(agreement).isGreaterThanOrEqualTo(0.95);
    }
  }

  private static double agreement(List<long[]> expected, List<long[]> actual) {
    int same = 0;
    int all = 0;
    for (int scale = 0; scale < expected.size(); scale++) {
      for (int i = 0; i < expected.get(scale).length; i++) {
        same += expected.get(scale)[i] == actual.get(scale)[i] ? 1 : 0;
        all++;
      }
    }
    return (double) same / all;
  }

  private static GoldenChecks checks(String name) {
    String folder = System.getProperty("tandem.golden");
    assumeTrue(
        folder != null && Files.isDirectory(Path.of(folder, name)),
        "needs -Dtandem.golden=FOLDER with the golden case '" + name + "'");
    return new GoldenChecks(GoldenCase.in(Path.of(folder, name)));
  }
}
