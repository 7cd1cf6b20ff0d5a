package io.tandem.pack;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.pack.PackSettings.Amounts;
import io.tandem.pack.PackSettings.Execution;
import io.tandem.pack.PackSettings.Seeds;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.sample.SamplingConfig;
import io.tandem.weights.RandomVarWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackInputTest {

  @TempDir private Path folder;

  @Test
  void wantsAFolder() throws IOException {
    Path none = folder.resolve("none");
    Path file = Files.createFile(folder.resolve("file"));

    refuses(
        () -> PackModels.open(none),
        "Cannot measure pack '%s': there is no such folder (a folder of trained models is needed)",
        none);
    refuses(
        () -> PackModels.open(file),
        "Cannot measure pack '%s': it is a file (a folder of trained models is needed)",
        file);
  }

  @Test
  void wantsTokeniserFeatureNetworkAndATransformer() throws IOException {
    TinyPack.writeLeast(folder);

    Files.delete(TinyPack.file(folder, "drafter"));
    refuses(
        () -> PackModels.open(folder),
        "Cannot measure pack '%s': there is neither 'drafter.safetensors' nor 'refiner.safetensors'"
            + " in it (one of them is needed). Train it first.",
        folder);
    Files.delete(TinyPack.file(folder, "features"));
    refuses(
        () -> PackModels.open(folder),
        "Cannot measure pack '%s': there is no 'features.safetensors' in it (tokeniser, features,"
            + " and drafter or refiner are needed). Train it first.",
        folder);
    Files.delete(TinyPack.file(folder, "tokeniser"));
    refuses(
        () -> PackModels.open(folder),
        "Cannot measure pack '%s': there is no 'tokeniser.safetensors' in it (tokeniser, features,"
            + " and drafter or refiner are needed). Train it first.",
        folder);
  }

  @Test
  void rejectsModelsOfDifferentLatentSpaces() {
    TinyPack.writeLeast(folder);
    LatentSpace larger = new LatentSpace(64, 8, TinyPack.SCHEDULE);
    TinyPack.write(folder, "refiner", RandomVarWeights.of(TinyPack.config(1, larger), 2));

    refuses(
        () -> PackModels.open(folder),
        "Cannot combine 'drafter' and 'refiner': their vocabularies have 32 codes of 8 channels and"
            + " 64 of 8 (one image needs one vocabulary). Pass models that share a tokeniser.");
  }

  @Test
  void rejectsModelsOfOtherClassesThanShapes() {
    TinyPack.writeLeast(folder);
    VarConfig tenClasses = TinyPack.config(1, TinyPack.LATENT);
    VarConfig three = new VarConfig(1, 32, 2, 3, tenClasses.adaLn(), TinyPack.LATENT);
    TinyPack.write(folder, "drafter", RandomVarWeights.of(three, 2));

    refuses(
        () -> PackModels.open(folder),
        "Cannot measure pack '%s': its transformers know 3 classes, its feature network 10 (10, the"
            + " classes of shapes)",
        folder);
  }

  @Test
  void rejectsImagesOfTooFewScales() {
    TinyPack.writeLeast(folder);
    LatentSpace short3 = new LatentSpace(32, 8, new ScaleSchedule(List.of(1, 2, 4)));
    TinyPack.write(folder, "drafter", RandomVarWeights.of(TinyPack.config(1, short3), 2));

    refuses(
        () -> PackModels.open(folder),
        "Cannot measure pack '%s': its images have 3 scales (at least 4)",
        folder);
  }

  @Test
  void rejectsSettingsThatDoNotFitThePack() {
    TinyPack.writeLeast(folder);
    Amounts usual = new Amounts(40, 60, 3);
    Path out = folder.resolve("out");

    try (PackModels pack = PackModels.open(folder)) {
      refuses(
          () -> PackQuality.measure(pack, settings(10, 4, usual), out, line -> {}),
          "Cannot sample an image of 4 scales: the sampling settings are for 10 (one value per"
              + " scale)");
      refuses(
          () -> PackQuality.measure(pack, settings(4, 10, usual), out, line -> {}),
          "Cannot measure images of 4 scales with guidance for 10 (one value per scale)");
      refuses(
          () -> PackQuality.measure(pack, settings(4, 4, new Amounts(45, 60, 3)), out, line -> {}),
          "Cannot measure 45 images a point: they are not balanced over the classes (a multiple of"
              + " 10)");
    }
  }

  @Test
  void rejectsAmountsOutOfRange() {
    refuses(() -> new Amounts(39, 60, 3), "Cannot measure 39 images a point (40 to 1000000)");
    refuses(
        () -> new Amounts(40, 1, 3),
        "Cannot compute reference statistics of 1 images (2 to 1000000)");
    refuses(() -> new Amounts(40, 60, 0), "Cannot decode batches of 0 images (1 to 1000000)");
  }

  @Test
  void rejectsSeedsThatMakeSetsOverlap() {
    refuses(
        () -> new Seeds(1, 2, 3, 2),
        "Cannot measure with the seeds 2, 3 and 2 of held-out, real and reference pictures (all"
            + " different: no picture may be in two sets)");
  }

  @Test
  void rejectsAnOutputThatIsAFile() throws IOException {
    TinyPack.writeLeast(folder);
    Path file = Files.createFile(folder.resolve("taken"));

    try (PackModels pack = PackModels.open(folder)) {
      assertThatThrownBy(
              () ->
                  PackQuality.measure(
                      pack, settings(4, 4, new Amounts(40, 60, 3)), file, line -> {}))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot write measurements to '" + file)
          .hasMessageEndingWith(" (a folder is needed)");
    }
  }

  private static PackSettings settings(int samplingScales, int guidanceScales, Amounts amounts) {
    return new PackSettings(
        GuidanceSchedule.everywhere(1.5, guidanceScales),
        SamplingConfig.plain(samplingScales),
        Seeds.FIXED,
        amounts,
        new Execution(Precision.FP32, DeviceSpec.CPU));
  }

  private static void refuses(ThrowingCallable call, String message, Object... args) {
    assertThatThrownBy(call)
        .isInstanceOf(UserError.class)
        .hasMessage(args.length == 0 ? message : message.formatted(args));
  }
}
