package io.tandem.job;

import io.tandem.engine.Machine;
import io.tandem.executor.DeviceChoice;
import io.tandem.image.ImageCodec;
import io.tandem.metrics.PlanWork;
import io.tandem.metrics.WorkCount;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.plan.MemoryEstimate;
import io.tandem.run.ExecutorLoad;
import io.tandem.run.MemoryAdvice;
import io.tandem.run.WavePlan;
import io.tandem.wave.Wave;
import java.util.List;

/**
 * What a run will do, reckoned from settings and models' headers alone.
 *
 * @param order what is made
 * @param shape on what
 * @param waves of a run that begins now
 * @param partitions tasks of a full wave
 * @param load of an executor
 * @param flopPerImage work of an image, from label to pixels
 */
public record GeneratePlan(
    DataSetOrder order,
    ClusterShape shape,
    WavePlan waves,
    int partitions,
    ExecutorLoad load,
    double flopPerImage) {

  /** Tasks of a wave for each slot: so that one that is late holds up little. */
  private static final int TASKS_PER_SLOT = 2;

  /**
   * What a core and a GPU are taken to do per second when waves are cut to about five minutes: the
   * cut is made once and need not be exact.
   */
  private static final double FLOPS_OF_CORE = 4e10;

  private static final double FLOPS_OF_GPU = 3e13;

  /** PNG files have about so many bytes for each byte of pixels. */
  private static final double PNG_RATIO = 0.55;

  private static final long ROW_GROUP_BYTES = 16L << 20;

  /** Names and columns other than pictures and tokens, compressed. */
  private static final int ROW_BYTES = 120;

  /** Returns the plan of {@code order} under {@code conditions}. */
  public static GeneratePlan of(DataSetOrder order, GenerateConditions conditions) {
    ClusterShape shape = ClusterShape.of(conditions.spark().values());
    DataSetOrder.Models models = order.models();
    double flop =
        new PlanWork(order.decode().plan(), order.decode().guidance(), models.transformers())
                .transformers(1)
            + WorkCount.imageDecoder(
                models.tokeniser(), models.imageSide() / models.tokeniser().pixelsPerCell());
    double perSlot =
        conditions.execution().device().equals(DeviceChoice.CPU)
            ? FLOPS_OF_CORE * shape.cpusPerTask()
            : FLOPS_OF_GPU;
    int batch = order.samples().batches().size();
    long waveImages =
        conditions.waves().images().isPresent()
            ? WavePlan.wholeBatches(conditions.waves().images().getAsLong(), batch)
            : WavePlan.defaultWaveImages(batch, shape.slots(), shape.slots() * perSlot / flop);
    WavePlan waves = WavePlan.of(order.samples().count(), waveImages);
    int partitions = conditions.waves().partitions().orElse(shape.slots() * TASKS_PER_SLOT);
    return new GeneratePlan(order, shape, waves, partitions, load(order, shape), flop);
  }

  private static ExecutorLoad load(DataSetOrder order, ClusterShape shape) {
    DataSetOrder.Models models = order.models();
    int batch = order.samples().batches().size();
    long pixels = 3L * batch * models.imageSide() * models.imageSide();
    MemoryEstimate estimate = memory(order, Precision.FP32);
    return new ExecutorLoad(
        models.all().stream().map(each -> each.bytes()).toList(),
        shape.slotsPerExecutor(),
        estimate.cacheBytes() + estimate.activationBytes(),
        pixels,
        ROW_GROUP_BYTES);
  }

  /** Returns what one batch and all models take on their device. */
  public static MemoryEstimate memory(DataSetOrder order, Precision precision) {
    return MemoryEstimate.of(
        order.decode().plan(),
        order.models().transformers(),
        order.models().tokeniser(),
        precision,
        order.samples().batches().size(),
        order.decode().guidance());
  }

  /** Returns the memory that an executor should have. */
  public MemoryAdvice advice(GenerateConditions conditions) {
    return conditions.execution().device().equals(DeviceChoice.CPU)
        ? MemoryAdvice.onCpu(load)
        : MemoryAdvice.onGpu(load);
  }

  /**
   * Passes if the memory that is there is enough.
   *
   * @throws io.tandem.base.UserError otherwise, with what is needed
   */
  public void checkMemory(GenerateConditions conditions) {
    MemoryAdvice advice = advice(conditions);
    if (shape.memory().isPresent()) {
      if (shape.hasContainers()) {
        advice.check(shape.memory().get());
      } else {
        advice.checkHeap(shape.memory().get().heapBytes());
      }
      return;
    }
    advice.checkHeap(Runtime.getRuntime().maxMemory());
    if (conditions.execution().device().equals(DeviceChoice.CPU)) {
      MemoryEstimate one = memory(order, Precision.FP32);
      new MemoryEstimate(
              one.batch(),
              one.weightBytes(),
              one.cacheBytes() * shape.slots(),
              one.activationBytes() * shape.slots())
          .checkFits(Machine.freeBytes(DeviceSpec.CPU));
    }
  }

  /** Returns how many tasks make {@code wave}: as many as a full one has, but none without work. */
  public int partitions(Wave wave) {
    long batches =
        order.samples().batches().batchOf(wave.end() - 1)
            - order.samples().batches().batchOf(wave.first())
            + 1;
    return (int) Math.min(partitions, batches);
  }

  /** Returns about how many bytes all tables will have. */
  public long tableBytes() {
    int tokens =
        order.models().transformers().values().iterator().next().latent().schedule().totalTokens();
    long pixels = 3L * order.models().imageSide() * order.models().imageSide();
    double picture =
        order.pictures().codec() == ImageCodec.NONE
            ? 0
            : order.pictures().codec() == ImageCodec.RAW ? pixels : PNG_RATIO * pixels;
    return (long) (order.samples().count() * (picture + 2.0 * tokens + ROW_BYTES));
  }

  /** Returns the sizes of the models in bytes. */
  public List<Long> modelBytes() {
    return load.modelBytes();
  }
}
