package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.job.DemoRecipe;
import io.tandem.kernel.TokeniserTrainingKernel.LossWeights;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VqConfig;
import io.tandem.train.TokenSet;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of a tokeniser's architecture and of its loss; all defaults are the demo's. */
final class TokenizerOptions {

  private static final DemoRecipe.Tokeniser DEMO = DemoRecipe.STANDARD.tokeniser();
  private static final int MOST_LEVELS = 8;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels of the finest level, a multiple of 32 (default: the demo's).")
  private Integer channels;

  @Option(
      names = "--multipliers",
      paramLabel = "LIST",
      description = {
        "Channels of each level in units of --channels, finest first: 1,1,2. Each level but one"
            + " halves the picture."
      })
  private String multipliers;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      description = "Residual blocks per level of the encoder; the decoder has one more.")
  private Integer blocks;

  @Option(names = "--codes", paramLabel = "N", description = "Codes in the codebook.")
  private Integer codes;

  @Option(names = "--code-channels", paramLabel = "N", description = "Channels of a code.")
  private Integer codeChannels;

  @Option(
      names = "--residual-convolutions",
      paramLabel = "N",
      description = "Convolutions that smooth the upsampled codes, shared by the scales.")
  private Integer residualConvolutions;

  @Option(
      names = "--scales",
      paramLabel = "SIDES",
      description = "Sides of the token maps, coarse to fine: 1,2,3,4,5,6,8,10,13,16.")
  private String sides;

  @Option(
      names = "--squared-error",
      paramLabel = "WEIGHT",
      description = "Weight of the squared error of pixels.")
  private Double squaredError;

  @Option(
      names = "--absolute-error",
      paramLabel = "WEIGHT",
      description = "Weight of the absolute error of pixels.")
  private Double absoluteError;

  @Option(
      names = "--codebook-loss",
      paramLabel = "WEIGHT",
      description = "Weight of the loss that moves codes towards the encoder.")
  private Double codebook;

  @Option(
      names = "--commitment-loss",
      paramLabel = "WEIGHT",
      description = "Weight of the loss that moves the encoder towards the codes.")
  private Double commitment;

  /**
   * Returns the architecture.
   *
   * @throws io.tandem.base.UserError if there is no such architecture
   */
  VqConfig config() {
    List<Integer> levels =
        multipliers == null
            ? DEMO.config().multipliers()
            : ListOptions.numbers("--multipliers", multipliers);
    check(
        levels.size() <= MOST_LEVELS,
        "Cannot use --multipliers '%s': they are %d levels (at most %d)",
        multipliers,
        levels.size(),
        MOST_LEVELS);
    int vocabulary = codes == null ? DEMO.config().vocabulary() : codes;
    check(
        vocabulary <= TokenSet.MAX_VOCABULARY,
        "Cannot use a vocabulary of %d codes (at most %d)",
        vocabulary,
        TokenSet.MAX_VOCABULARY);
    int convolutions =
        residualConvolutions == null
            ? Math.min(DEMO.config().residualConvolutions(), schedule().scales())
            : residualConvolutions;
    check(
        convolutions >= 1 && convolutions <= schedule().scales(),
        "Cannot use %d residual convolutions for %d scales (1 to one for each)",
        convolutions,
        schedule().scales());
    VqConfig config =
        new VqConfig(
            channels == null ? DEMO.config().baseChannels() : channels,
            levels,
            blocks == null ? DEMO.config().residualBlocks() : blocks,
            vocabulary,
            codeChannels == null ? DEMO.config().codeChannels() : codeChannels,
            convolutions);
    checkLatent(new LatentSpace(vocabulary, config.codeChannels(), schedule()));
    return config;
  }

  /** What transformers will need of it is checked where it is made. */
  private static void checkLatent(LatentSpace latent) {
    check(
        latent.schedule().finestSide() <= 1024,
        "Cannot use token maps of side %d (at most 1024)",
        latent.schedule().finestSide());
  }

  /**
   * Returns the sides of the token maps.
   *
   * @throws io.tandem.base.UserError if they do not grow from 1
   */
  ScaleSchedule schedule() {
    return sides == null
        ? DEMO.schedule()
        : new ScaleSchedule(ListOptions.numbers("--scales", sides));
  }

  /**
   * Returns the weights of the parts of the loss.
   *
   * @throws io.tandem.base.UserError if one is below 0 or not finite
   */
  LossWeights losses() {
    return new LossWeights(
        weight("--squared-error", squaredError, DEMO.losses().squaredError()),
        weight("--absolute-error", absoluteError, DEMO.losses().absoluteError()),
        weight("--codebook-loss", codebook, DEMO.losses().codebook()),
        weight("--commitment-loss", commitment, DEMO.losses().commitment()));
  }

  private static double weight(String option, Double given, double usual) {
    double weight = given == null ? usual : given;
    check(
        weight >= 0 && weight < Double.POSITIVE_INFINITY,
        "Cannot use %s %s (a weight from 0 up)",
        option,
        weight);
    return weight;
  }
}
