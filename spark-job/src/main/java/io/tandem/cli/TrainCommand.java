package io.tandem.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tandem train}: picks what is trained. */
@Command(
    name = "train",
    sortOptions = false,
    description = {
      "Trains a tokeniser or transformers, fine-tunes a drafter and a refiner as CoDe does, or makes"
          + " and measures the demo pack. Each can be stopped at any time and goes on with the same command."
    },
    subcommands = {
      TrainTokenizerCommand.class,
      TrainVarCommand.class,
      TrainDrafterCommand.class,
      TrainRefinerCommand.class,
      TrainDemoCommand.class,
      MeasureCommand.class,
    })
final class TrainCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Train what? tokenizer, var, drafter, refiner or demo; or measure a trained pack.");
  }
}
