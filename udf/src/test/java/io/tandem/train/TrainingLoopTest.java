package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tandem.base.UserError;
import io.tandem.kernel.TrainingState;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.train.TinyRuns.Rows;
import io.tandem.train.TrainingLoop.Outcome;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {

  private static final Duration ALWAYS = Duration.ZERO;
  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("run.safetensors");
  }

  /** Two numbers that are drawn to 1 and 2, and a count that is kept beside them. */
  private static class Slope implements TrainingTask {

    private final TrainingState state;
    private final String identity;
    private final long steps;
    private final float[] finished = new float[1];

    Slope(String identity, long steps) {
      TrainingTensors weights = TrainingTensors.open(DeviceSpec.CPU);
      weights.put("w", new float[] {0, 0}, 2);
      state = new TrainingState(weights);
      this.identity = identity;
      this.steps = steps;
    }

    @Override
    public String stage() {
      return "slope";
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public Pace pace() {
      return new Pace(steps, 5, new LearningRate(0.1, 2, 0.5), 0, 0);
    }

    @Override
    public long imagesBefore(long step) {
      return 5 * step;
    }

    @Override
    public TrainingState state() {
      return state;
    }

    @Override
    public StepLoss gradients(long step) {
      double[] w = state.weights().doubles("w");
      float[] towards = {(float) (w[0] - 1), (float) (w[1] - 2)};
      state.gradients().replace("w", towards);
      double loss = (towards[0] * towards[0] + towards[1] * towards[1]) / 2;
      return new StepLoss(loss, Map.of("half", loss / 2), 5);
    }

    @Override
    public void finishStep(long step) {
      finished[0]++;
    }

    @Override
    public Map<String, float[]> memory() {
      return Map.of("finished", finished);
    }

    @Override
    public void close() {
      state.close();
    }
  }

  private TrainingLoop loop(Duration between, TrainingLog log) {
    return new TrainingLoop(file(), between, log, () -> false);
  }

  private static double[] weights(TrainingTask task) {
    return task.state().weights().doubles("w");
  }

  private static List<double[]> unbroken(long steps, Path file) {
    try (Slope task = new Slope("a", steps)) {
      new TrainingLoop(file, NEVER, new Rows(), () -> false).run(task);
      return TinyRuns.state(task);
    }
  }

  @Test
  void runsAllStepsAndKeepsARowOfEach() {
    Rows rows = new Rows();
    try (Slope task = new Slope("a", 6)) {
      Outcome outcome = loop(NEVER, rows).run(task);

      assertThat(outcome).isEqualTo(Outcome.FINISHED);
      assertThat(rows.steps()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(rows.pending).isEmpty();
      TrainingRow row = rows.kept.get(3);
      assertThat(row.images()).isEqualTo(20);
      assertThat(row.loss().terms()).extracting(TrainingRow.Term::name).containsExactly("half");
      assertThat(row.loss().terms().get(0).value()).isEqualTo(row.loss().total() / 2);
      assertThat(row.update().learningRate()).isEqualTo(task.learningRate().at(3, 6));
      assertThat(row.update().gradientNorm())
          .isCloseTo(Math.sqrt(2 * row.loss().total()), within(1e-6));
      assertThat(row.pace().imagesPerSecond()).isPositive();
      assertThat(row.pace().elapsedNanos()).isGreaterThan(rows.kept.get(2).pace().elapsedNanos());
      assertThat(task.finished[0]).isEqualTo(6);
      assertThat(file()).exists();
    }
  }

  @Test
  void aFinishedRunHasNothingLeftToDo() {
    List<double[]> expected = unbroken(6, file());
    Rows rows = new Rows();
    try (Slope task = new Slope("a", 6)) {
      Outcome outcome = loop(NEVER, rows).run(task);

      assertThat(outcome).isEqualTo(Outcome.FINISHED);
      assertThat(rows.kept).isEmpty();
      assertThat(TinyRuns.state(task)).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void stopsWhenAskedAndGoesOnFromThere() {
    List<double[]> expected = unbroken(8, folder.resolve("whole"));
    Rows rows = new Rows();
    long elapsed;
    try (Slope task = new Slope("a", 8)) {
      Outcome outcome =
          new TrainingLoop(file(), NEVER, rows, () -> rows.pending.size() == 3).run(task);

      assertThat(outcome).isEqualTo(Outcome.STOPPED);
      assertThat(rows.steps()).containsExactly(1, 2, 3);
      elapsed = rows.kept.get(2).pace().elapsedNanos();
    }
    try (Slope task = new Slope("a", 8)) {
      assertThat(loop(NEVER, rows).run(task)).isEqualTo(Outcome.FINISHED);

      assertThat(rows.steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(rows.kept.get(3).images()).isEqualTo(20);
      assertThat(rows.kept.get(3).pace().elapsedNanos())
          .as("time of both parts")
          .isGreaterThan(elapsed);
      assertThat(TinyRuns.state(task)).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void aRequestToStopAtTheLastStepChangesNothing() {
    try (Slope task = new Slope("a", 2)) {
      Rows rows = new Rows();
      TrainingLoop loop = new TrainingLoop(file(), NEVER, rows, () -> rows.pending.size() == 2);

      assertThat(loop.run(task)).isEqualTo(Outcome.FINISHED);
    }
  }

  @Test
  void whatWasDoneSinceTheLastCheckpointIsDoneAgain() {
    List<double[]> expected = unbroken(8, folder.resolve("whole"));
    Rows rows = new Rows();
    try (Slope task = new Slope("a", 8)) {
      new TrainingLoop(file(), NEVER, rows, () -> rows.pending.size() == 3).run(task);
    }
    TrainingLog dying =
        new TrainingLog() {
          @Override
          public void add(TrainingRow row) {
            if (row.step() == 6) {
              throw new IllegalStateException("killed");
            }
          }

          @Override
          public void flush() {
            rows.flush();
          }
        };
    try (Slope task = new Slope("a", 8)) {
      assertThatThrownBy(() -> loop(NEVER, dying).run(task)).hasMessage("killed");
    }
    try (Slope task = new Slope("a", 8)) {
      loop(NEVER, rows).run(task);

      assertThat(rows.steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(TinyRuns.state(task)).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void flushesTheLogBeforeEachCheckpoint() {
    List<String> events = new ArrayList<>();
    TrainingLog log =
        new TrainingLog() {
          @Override
          public void add(TrainingRow row) {
            events.add("row " + row.step() + (Files.exists(file()) ? " over a checkpoint" : ""));
          }

          @Override
          public void flush() {
            events.add("flush");
          }
        };
    try (Slope task = new Slope("a", 3)) {
      loop(ALWAYS, log).run(task);
    }

    assertThat(events)
        .containsExactly(
            "row 1",
            "flush",
            "row 2 over a checkpoint",
            "flush",
            "row 3 over a checkpoint",
            "flush");
    assertThat(folder.toFile().list()).containsExactly("run.safetensors");
  }

  @Test
  void aLogThatCannotBeWrittenKeepsTheCheckpointBefore() throws IOException {
    Rows rows = new Rows();
    try (Slope task = new Slope("a", 4)) {
      new TrainingLoop(file(), NEVER, rows, () -> rows.pending.size() == 3).run(task);
    }
    byte[] checkpoint = Files.readAllBytes(file());
    TrainingLog full =
        new TrainingLog() {
          @Override
          public void add(TrainingRow row) {}

          @Override
          public void flush() {
            throw new UserError("the disk is full");
          }
        };
    try (Slope task = new Slope("a", 4)) {
      assertThatThrownBy(() -> loop(NEVER, full).run(task)).hasMessage("the disk is full");
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(checkpoint);
  }

  /** Fails at the third step of six in some way. */
  private abstract static class Broken extends Slope {

    Broken() {
      super("a", 6);
    }

    abstract StepLoss broken(StepLoss good);

    @Override
    public StepLoss gradients(long step) {
      StepLoss good = super.gradients(step);
      return step == 2 ? broken(good) : good;
    }
  }

  private void assertStopped(Broken task, String what) throws IOException {
    Rows rows = new Rows();
    try (Slope before = new Slope("a", 6)) {
      new TrainingLoop(file(), NEVER, rows, () -> rows.pending.size() == 2).run(before);
    }
    byte[] checkpoint = Files.readAllBytes(file());
    try (task) {
      assertThatThrownBy(() -> loop(ALWAYS, rows).run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot go on training slope: the %s (finite numbers are needed). The last"
                  + " checkpoint is kept: %s. Lower the learning rate, or train in fp32.",
              what, file());
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(checkpoint);
    assertThat(rows.steps()).containsExactly(1, 2);
    try (Slope after = new Slope("a", 6)) {
      assertThat(new TrainingCheckpoint(file()).restore(after).steps()).isEqualTo(2);
      assertThat(weights(after)).doesNotContain(Double.NaN);
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheRun() throws IOException {
    assertStopped(
        new Broken() {
          @Override
          StepLoss broken(StepLoss good) {
            return new StepLoss(Double.NaN, good.parts(), good.images());
          }
        },
        "loss of step 3 is NaN");
  }

  @Test
  void anInfiniteLossStopsTheRun() throws IOException {
    assertStopped(
        new Broken() {
          @Override
          StepLoss broken(StepLoss good) {
            return new StepLoss(Double.POSITIVE_INFINITY, good.parts(), good.images());
          }
        },
        "loss of step 3 is Infinity");
  }

  @Test
  void aGradientThatIsNoNumberStopsTheRun() throws IOException {
    assertStopped(
        new Broken() {
          @Override
          StepLoss broken(StepLoss good) {
            state().gradients().replace("w", new float[] {1, Float.NaN});
            return good;
          }
        },
        "norm of the gradients of step 3 is NaN");
  }

  @Test
  void saysSoIfThereIsNoCheckpointYet() {
    try (Slope task =
        new Slope("a", 6) {
          @Override
          public StepLoss gradients(long step) {
            return new StepLoss(Double.NaN, Map.of(), 5);
          }
        }) {
      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot go on training slope: the loss of step 1 is NaN (finite numbers are needed)."
                  + " There is no checkpoint yet. Lower the learning rate, or train in fp32.");
      assertThat(file()).doesNotExist();
    }
  }

  @Test
  void refusesTheCheckpointOfAnotherRun() {
    unbroken(3, file());
    try (Slope task = new Slope("b", 3)) {
      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot resume '%s': it is of another run:\n  there: a\n  here:  b\n"
                  + "Repeat the settings of that run, or choose another folder.",
              file());
      assertThat(weights(task)).containsOnly(0);
    }
  }

  @Test
  void refusesWeightsThatAreNoRun() {
    try (TrainingTensors weights = TrainingTensors.open(DeviceSpec.CPU);
        Slope task = new Slope("a", 3)) {
      weights.put("w", new float[] {1, 2}, 2);
      TrainedWeights.write(file(), weights, NumberFormat.FLOAT32, Map.of());

      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot resume '%s': it is of another run:\n  there: no training run\n  here:  a\n"
                  + "Repeat the settings of that run, or choose another folder.",
              file());
    }
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    unbroken(3, file());
    byte[] whole = Files.readAllBytes(file());
    for (int length : new int[] {0, 5, 60, whole.length / 2, whole.length - 1}) {
      Files.write(file(), Arrays.copyOf(whole, length));
      try (Slope task = new Slope("a", 3)) {
        assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
            .as("cut to %d bytes", length)
            .isInstanceOf(UserError.class)
            .hasMessageStartingWith("Cannot load weights from '" + file() + "': ");
      }
    }
    Files.writeString(file(), "This is a letter, and no checkpoint at all.");
    try (Slope task = new Slope("a", 3)) {
      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot load weights from '" + file() + "': ");
    }
  }

  @Test
  void refusesACheckpointThatLacksATensor() {
    write(Map.of("tandem.step", "1", "tandem.elapsed_ns", "5", "tandem.run", "a"), "w", 2);

    assertRefused(
        "Cannot resume '%s': tensor 'adam.mean/w' is missing or of another size (2 numbers are"
            + " needed). Remove the file to start anew.");
  }

  @Test
  void refusesACheckpointWithATensorOfAnotherSize() {
    write(Map.of("tandem.step", "1", "tandem.elapsed_ns", "5", "tandem.run", "a"), "w", 3);

    assertRefused(
        "Cannot resume '%s': tensor 'w' is missing or of another size (2 numbers are needed)."
            + " Remove the file to start anew.");
  }

  @Test
  void refusesACheckpointWithStepsThatTheRunLacks() {
    for (String steps : List.of("", "-1", "4", "many")) {
      write(
          Map.of("tandem.step", steps, "tandem.elapsed_ns", "5", "tandem.run", "a"),
          List.of("w", "adam.mean/w", "adam.square/w"));

      assertRefused(
          "Cannot resume '%s': its header says tandem.step '"
              + steps
              + "' (a number up to 3). Remove the file to start anew.");
    }
  }

  private void assertRefused(String message) {
    try (Slope task = new Slope("a", 3)) {
      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(message, file());
    }
  }

  private void write(Map<String, String> header, String name, int numbers) {
    TensorSpec spec = TensorSpec.of(name, NumberFormat.FLOAT32, numbers);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file(), List.of(spec), header)) {
      writer.write(ByteBuffer.allocate(4 * numbers).order(ByteOrder.LITTLE_ENDIAN));
      writer.finish();
    }
  }

  private void write(Map<String, String> header, List<String> names) {
    List<TensorSpec> specs = new ArrayList<>();
    names.forEach(name -> specs.add(TensorSpec.of(name, NumberFormat.FLOAT32, 2)));
    specs.add(TensorSpec.of("memory/finished", NumberFormat.FLOAT32, 1));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file(), specs, header)) {
      specs.forEach(spec -> writer.write(ByteBuffer.allocate((int) spec.bytes())));
      writer.finish();
    }
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    Path file = folder.resolve("no").resolve("run.safetensors");
    try (Slope task = new Slope("a", 3)) {
      TrainingLoop loop = new TrainingLoop(file, NEVER, new Rows(), () -> false);

      assertThatThrownBy(() -> loop.run(task))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot write weights to '%s': there is no folder '%s'. Make it first.",
              file, file.getParent());
    }
  }

  @Test
  void refusesAPlaceThatIsAFolder() throws IOException {
    Files.createDirectory(file());
    try (Slope task = new Slope("a", 3)) {
      assertThatThrownBy(() -> loop(NEVER, new Rows()).run(task))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot load weights from '" + file() + "': it is a directory");
    }
  }
}
