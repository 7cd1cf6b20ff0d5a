package io.tandem.executor;

import io.tandem.executor.DecodedPart.Conditions;
import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.GeneratedBatch;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.Sample;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.Tensor;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.registry.ModelLease;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Decodes the batches of a task and tells failures apart. Used by one thread at a time; {@link
 * #stop} may be called by any.
 */
final class BatchDecoder {

  private final GenerateSpec spec;
  private final Wave wave;
  private final ModelLease lease;
  private final ExecutorEnd end;
  private final Decode generator;
  private final StopSign stopSign;

  /** Decodes samples together; an image generator does. */
  @FunctionalInterface
  interface Decode {

    /** Returns tokens and images of {@code request}. */
    GeneratedBatch generate(BatchRequest request, LatencyRecorder latency, DecodeObserver observer);
  }

  /** Makes a decoder of {@code site}'s task with models that stay the caller's. */
  BatchDecoder(GenerateSpec spec, Wave wave, ModelLease lease, TaskSite site) {
    this(spec, wave, lease, site, new ImageGenerator(lease.models(), spec.decode())::generate);
  }

  /** Makes one that decodes by other means. */
  BatchDecoder(GenerateSpec spec, Wave wave, ModelLease lease, TaskSite site, Decode generator) {
    this.spec = spec;
    this.wave = wave;
    this.lease = lease;
    this.end = site.end();
    this.generator = generator;
    this.stopSign = new StopSign(site.signals().isKilled());
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
        parts.add(attempt.decode());
      } catch (RuntimeException | OutOfMemoryError e) {
        DecodeFailure failure = DecodeFailure.of(e);
        checkCanGoOn(failure, e);
        boolean isMemory = failure.kind() == DecodeFailure.Kind.OUT_OF_MEMORY;
        if (isMemory && mayShrink(part)) {
          size = (part.images() + 1) / 2;
          continue;
        }
        parts.add(attempt.failed(failure.message()));
      }
      position += part.images();
    }
    return parts;
  }

  private void checkCanGoOn(DecodeFailure failure, Throwable thrown) {
    switch (failure.kind()) {
      case OUT_OF_MEMORY -> {
        DecodeActivity.ofThisJvm().ranOutOfMemory();
        LibTorch.releaseSpareMemory(lease.models().device());
      }
      case BAD_NUMBERS -> {}
      case SICK_DEVICE -> {
        end.begin(failure.message());
        throw new IllegalStateException(
            "Cannot use %s any longer: %s".formatted(lease.models().device(), failure.message()),
            thrown);
      }
      case OTHER -> {
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) thrown;
      }
    }
  }

  private boolean mayShrink(BatchRequest part) {
    return spec.execution().smallerBatches() == SmallerBatches.ALLOWED && part.images() > 1;
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
        new Conditions(lease.claimWarmUp(), DecodeActivity.ofThisJvm().tasks());
    private final LatencyRecorder latency =
        new LatencyRecorder(spec.execution().latency(), lease.models()::drain);

    private Attempt(BatchRequest request, int position) {
      this.request = request;
      this.position = position;
    }

    private DecodedPart decode() {
      return part(Optional.of(generator.generate(request, latency, stopSign)), "");
    }

    private DecodedPart failed(String error) {
      return part(Optional.empty(), error);
    }

    private DecodedPart part(Optional<GeneratedBatch> made, String error) {
      return new DecodedPart(request, position, made, error, latency.snapshot(), conditions);
    }
  }
}
