package io.tandem.train;

/** What the loop does, without log and checkpoints. */
final class TrainingSteps {

  private TrainingSteps() {}

  /** Runs the steps from {@code from} up to, not including, {@code to}. */
  static void run(TrainingTask task, long from, long to) {
    for (long step = from; step < to; step++) {
      task.gradients(step);
      double rate = task.learningRate().at(step, task.steps());
      task.optimizer().step(task.state(), rate, task.weightDecay(), step + 1);
      task.finishStep(step);
    }
  }
}
