package io.tandem.cli;

/** A command that runs Spark, so that arguments for Spark may follow {@code --}. */
interface SparkCommand {

  /** Takes what the user wants of Spark; called once, before the command runs. */
  void useSpark(SparkArguments arguments);
}
