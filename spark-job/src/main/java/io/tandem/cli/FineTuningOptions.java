package io.tandem.cli;

import static io.tandem.base.Checks.check;

import picocli.CommandLine.Option;

/** Options that CoDe's drafter and refiner share. */
final class FineTuningOptions {

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description = {
        "The transformer that is fine-tuned: a checkpoint, random:DEPTH or demo:NAME."
      })
  private String from;

  @Option(
      names = "--draft-scales",
      paramLabel = "N",
      description = "How many scales the drafter makes.")
  private Integer draftScales;

  /**
   * Returns what names the transformer that is fine-tuned.
   *
   * @throws io.tandem.base.UserError if nothing does, or the drafter's scales are not said
   */
  String from() {
    check(from != null, "Cannot fine-tune without a transformer. Pass --from FILE or demo:NAME.");
    check(
        draftScales != null,
        "Cannot fine-tune without the number of the drafter's scales. Pass --draft-scales N.");
    return from;
  }

  /**
   * Returns how many scales the drafter makes.
   *
   * @param scales of the models
   * @throws io.tandem.base.UserError if that leaves none for one of the two
   */
  int draftScales(int scales) {
    check(
        draftScales >= 1 && draftScales < scales,
        "Cannot use --draft-scales %d: the models have %d scales (1 to %d are the drafter's)",
        draftScales,
        scales,
        scales - 1);
    return draftScales;
  }
}
