package io.tandem.executor;

import io.tandem.executor.DecodedPart.Conditions;
import io.tandem.executor.DecodedPart.Times;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.BranchingGenerator;
import io.tandem.generate.BranchingGenerator.Result;
import io.tandem.generate.BranchingGenerator.Sharing;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.Sample;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.Tensor;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.metrics.LatencyReport;
import io.tandem.model.DeviceSpec;
import io.tandem.registry.ModelLease;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Decodes the batches of a task and tells failures apart. Used by one thread at a time; {@link
 * #stop} may be called by any.
 */
final class BatchDecoder {

  private final GenerateGroup group;
  private final Wave wave;
  private final List<ModelLease> leases;
  private final ExecutorEnd end;
  private final Decode generator;
  private final StopSign stopSign;

  /** Decoders of each run alone, where there are several: they need less memory. */
  private final List<BatchDecoder> alone;

  /** Number of the first run of the group. */
  private final int firstRun;

  /** Decodes samples together; a generator does. */
  @FunctionalInterface
  interface Decode {

    /** Returns tokens and images of {@code request}, one result for each run. */
    List<Result> generate(BatchRequest request, LatencyRecorder latency, DecodeObserver observer);
  }

  /**
   * Makes a decoder of {@code site}'s task.
   *
   * @param leases models of each run, which stay the caller's
   */
  BatchDecoder(GenerateGroup group, Wave wave, List<ModelLease> leases, TaskSite site) {
    this.group = group;
    this.wave = wave;
    this.leases = leases;
    this.end = site.end();
    this.generator = generator(group, leases)::generate;
    this.stopSign = new StopSign(site.signals().isKilled());
    this.firstRun = 0;
    this.alone =
        leases.size() == 1
            ? List.of()
            : IntStream.range(0, leases.size())
                .mapToObj(run -> new BatchDecoder(this, run))
                .toList();
  }

  /** Makes one of a single run that decodes by other means. */
  BatchDecoder(GenerateSpec spec, Wave wave, ModelLease lease, TaskSite site, Decode generator) {
    this.group = GenerateGroup.of(spec);
    this.wave = wave;
    this.leases = List.of(lease);
    this.end = site.end();
    this.generator = generator;
    this.stopSign = new StopSign(site.signals().isKilled());
    this.firstRun = 0;
    this.alone = List.of();
  }

  private BatchDecoder(BatchDecoder all, int run) {
    this.group = GenerateGroup.of(all.group.runs().get(run));
    this.wave = all.wave;
    this.leases = all.leases.subList(run, run + 1);
    this.end = all.end;
    this.generator = generator(group, leases)::generate;
    this.stopSign = all.stopSign;
    this.firstRun = run;
    this.alone = List.of();
  }

  private static BranchingGenerator generator(GenerateGroup group, List<ModelLease> leases) {
    List<BranchingGenerator.Branch> branches = new ArrayList<>();
    for (int run = 0; run < leases.size(); run++) {
      branches.add(
          new BranchingGenerator.Branch(leases.get(run).models(), group.runs().get(run).decode()));
    }
    return new BranchingGenerator(branches);
  }

  /** Ends a decode after its running scale. */
  private static final class StopSign implements DecodeObserver {

    private final BooleanSupplier isKilled;
    private volatile boolean isSet;

    private StopSign(BooleanSupplier isKilled) {
      this.isKilled = isKilled;
    }

    private void obey() {
      if (isSet || isKilled.getAsBoolean()) {
        throw new CancellationException("The task was told to stop");
      }
    }

    @Override
    public void accumulated(int scale, Tensor featureMap) {
      obey();
    }
  }

  /** Ends what runs after its scale, and lets nothing begin. */
  void stop() {
    stopSign.isSet = true;
  }

  /**
   * Decodes a batch, in parts if it does not fit and may be split. Samples that cannot be made are
   * parts with an error.
   *
   * @throws CancellationException if it was told to stop
   */
  List<DecodedPart> decode(BatchRequest batch) {
    List<DecodedPart> parts = new ArrayList<>();
    int size = batch.images();
    int position = 0;
    while (position < batch.images()) {
      BatchRequest part = part(batch, position, size);
      stopSign.obey();
      if (part.images() < batch.images() && isOutside(part)) {
        position += part.images();
        continue;
      }
      Attempt attempt = new Attempt(part, position);
      try {
        parts.addAll(attempt.decode());
      } catch (RuntimeException | OutOfMemoryError e) {
        DecodeFailure failure = DecodeFailure.of(e);
        checkCanGoOn(failure, e);
        boolean isMemory = failure.kind() == DecodeFailure.Kind.OUT_OF_MEMORY;
        if (isMemory && !alone.isEmpty()) {
          return alone.stream().flatMap(each -> each.decode(batch).stream()).toList();
        }
        if (isMemory && mayShrink(part)) {
          size = (part.images() + 1) / 2;
          continue;
        }
        parts.addAll(attempt.failed(failure.message()));
      }
      position += part.images();
    }
    return parts;
  }

  private void checkCanGoOn(DecodeFailure failure, Throwable thrown) {
    switch (failure.kind()) {
      case OUT_OF_MEMORY -> {
        DecodeActivity.ofThisJvm().ranOutOfMemory();
        LibTorch.releaseSpareMemory(device());
      }
      case BAD_NUMBERS -> {}
      case SICK_DEVICE -> {
        end.begin(failure.message());
        throw new IllegalStateException(
            "Cannot use %s any longer: %s".formatted(device(), failure.message()), thrown);
      }
      case OTHER -> {
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) thrown;
      }
    }
  }

  private DeviceSpec device() {
    return leases.get(0).models().device();
  }

  private boolean mayShrink(BatchRequest part) {
    return group.execution().smallerBatches() == SmallerBatches.ALLOWED && part.images() > 1;
  }

  private boolean isOutside(BatchRequest part) {
    return part.samples().stream().map(Sample::index).noneMatch(wave::holds);
  }

  private static BatchRequest part(BatchRequest batch, int position, int size) {
    int last = Math.min(batch.images(), position + size);
    return size == batch.images()
        ? batch
        : BatchRequest.of(batch.seed(), batch.samples().subList(position, last));
  }

  /** One attempt at samples. */
  private final class Attempt {

    private final BatchRequest request;
    private final int position;
    private final Conditions conditions =
        new Conditions(claimWarmUp(), DecodeActivity.ofThisJvm().tasks());
    private final LatencyRecorder latency =
        new LatencyRecorder(group.execution().latency(), leases.get(0).models()::drain);

    private Attempt(BatchRequest request, int position) {
      this.request = request;
      this.position = position;
    }

    private List<DecodedPart> decode() {
      List<Result> results = generator.generate(request, latency, stopSign);
      List<DecodedPart> parts = new ArrayList<>();
      for (int run = 0; run < results.size(); run++) {
        Result result = results.get(run);
        parts.add(
            part(
                run,
                result.made(),
                result.failure().map(each -> DecodeFailure.of(each).message()).orElse(""),
                new Times(result.latency(), result.sharing(), conditions)));
      }
      return parts;
    }

    private List<DecodedPart> failed(String error) {
      LatencyReport report = latency.snapshot();
      Times times = new Times(report, new Sharing(0, report.totalNanos()), conditions);
      return IntStream.range(0, group.runs().size())
          .mapToObj(run -> part(run, Optional.empty(), error, times))
          .toList();
    }

    private DecodedPart part(int run, Optional<GeneratedBatch> made, String error, Times times) {
      return new DecodedPart(firstRun + run, request, position, made, error, times);
    }

    /** All leases are asked, so that each knows that its models are about to decode. */
    private boolean claimWarmUp() {
      return leases.stream().filter(ModelLease::claimWarmUp).count() > 0;
    }
  }
}
