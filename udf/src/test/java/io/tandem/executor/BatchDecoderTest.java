package io.tandem.executor;

import static io.tandem.executor.TinyRun.BATCHES;
import static io.tandem.executor.TinyRun.SEED;
import static io.tandem.executor.TinyRun.models;
import static io.tandem.executor.TinyRun.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.BranchingGenerator;
import io.tandem.image.ImageCodec;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.registry.ModelFile;
import io.tandem.registry.ModelLease;
import io.tandem.registry.ModelRegistry;
import io.tandem.registry.ModelRequest;
import io.tandem.testing.SingleThread;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class BatchDecoderTest {

  private static final String NO_MEMORY =
      "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory:"
          + " you tried to allocate 96 bytes.";

  private static final BatchRequest BATCH = BATCHES.request(SEED, 0);

  private static ModelRegistry registry;
  private static ModelLease lease;

  private final List<Integer> sizes = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();

  @BeforeAll
  static void load() throws InterruptedException {
    registry = ModelRegistry.ofFiles();
    lease =
        registry.lend(
            new ModelRequest(
                models().transformers().stream().map(BatchDecoderTest::file).toList(),
                file(models().tokeniser()),
                Precision.FP32,
                DeviceSpec.CPU,
                1));
  }

  @AfterAll
  static void close() {
    registry.close();
  }

  @Test
  void aBatchThatDoesNotFitFails() {
    BatchDecoder decoder = decoder(SmallerBatches.REFUSED, 3);

    List<DecodedPart> parts = decoder.decode(BATCH);

    assertThat(sizes).containsExactly(4);
    assertThat(parts).hasSize(1);
    assertThat(parts.get(0).made()).isEmpty();
    assertThat(parts.get(0).error()).isEqualTo(NO_MEMORY);
  }

  @Test
  void aBatchThatDoesNotFitIsDecodedInHalvesIfThatIsAllowed() {
    long before = DecodeActivity.ofThisJvm().outOfMemory();
    BatchDecoder decoder = decoder(SmallerBatches.ALLOWED, 1);

    List<DecodedPart> parts = decoder.decode(BATCH);

    assertThat(sizes).containsExactly(4, 2, 1, 1, 1, 1);
    assertThat(parts).extracting(part -> part.request().images()).containsExactly(1, 1, 1, 1);
    assertThat(parts).extracting(DecodedPart::position).containsExactly(0, 1, 2, 3);
    assertThat(parts)
        .extracting(part -> part.request().samples().get(0))
        .isEqualTo(BATCH.samples());
    assertThat(parts).allSatisfy(part -> assertThat(part.made()).isPresent());
    assertThat(DecodeActivity.ofThisJvm().outOfMemory() - before).isEqualTo(2);
  }

  @Test
  void oneImageThatDoesNotFitFails() {
    List<DecodedPart> parts = decoder(SmallerBatches.ALLOWED, 0).decode(BATCH);

    assertThat(parts).hasSize(4);
    assertThat(parts).extracting(DecodedPart::error).containsOnly(NO_MEMORY);
  }

  @Test
  void partsOutsideTheWaveAreNotDecoded() {
    GenerateSpec spec = spec(models(), SmallerBatches.ALLOWED, ImageCodec.PNG);

    List<DecodedPart> parts = decoder(spec, new Wave(1, 3, 9), 2).decode(BATCH);

    assertThat(sizes).containsExactly(4, 2);
    assertThat(parts).extracting(DecodedPart::position).containsExactly(2);
  }

  @Test
  void theNextBatchIsTriedWholeAgain() {
    BatchDecoder decoder = decoder(SmallerBatches.ALLOWED, 2);

    List<DecodedPart> unused = decoder.decode(BATCH);
    sizes.clear();
    List<DecodedPart> parts = decoder.decode(BATCHES.request(SEED, 1));

    assertThat(sizes).containsExactly(4, 2, 2);
    assertThat(parts).hasSize(2);
    assertThat(unused).hasSize(2);
  }

  @Test
  void aSickGpuEndsTheExecutor() {
    BatchDecoder decoder =
        throwing(new IllegalStateException("CUDA error: an illegal memory access was encountered"));

    assertThatThrownBy(() -> decoder.decode(BATCH))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot use cpu any longer: CUDA error: an illegal memory access was encountered");
    assertThat(ends).containsExactly("CUDA error: an illegal memory access was encountered");
  }

  @Test
  void anythingElseFailsTheTask() {
    RuntimeException thrown = new IllegalStateException("who knows");

    assertThatThrownBy(() -> throwing(thrown).decode(BATCH)).isSameAs(thrown);
    assertThat(ends).isEmpty();
  }

  @Test
  void aFullHeapFailsTheTask() {
    OutOfMemoryError thrown = new OutOfMemoryError("Java heap space");
    BatchDecoder decoder =
        decoder(
            spec(),
            new Wave(0, 0, 4),
            (request, latency, observer) -> {
              throw thrown;
            });

    assertThatThrownBy(() -> decoder.decode(BATCH)).isSameAs(thrown);
  }

  @Test
  void nothingBeginsAfterTheStop() {
    BatchDecoder decoder = decoder(SmallerBatches.REFUSED, 4);
    decoder.stop();

    assertThatThrownBy(() -> decoder.decode(BATCH)).isInstanceOf(CancellationException.class);
    assertThat(sizes).isEmpty();
  }

  private BatchDecoder decoder(SmallerBatches smallerBatches, int largest) {
    return decoder(spec(models(), smallerBatches, ImageCodec.PNG), new Wave(0, 0, 8), largest);
  }

  /** Decodes up to {@code largest} images at once. */
  private BatchDecoder decoder(GenerateSpec spec, Wave wave, int largest) {
    BranchingGenerator generator =
        new BranchingGenerator(
            List.of(new BranchingGenerator.Branch(lease.models(), spec.decode())));
    return decoder(
        spec,
        wave,
        (request, latency, observer) -> {
          sizes.add(request.images());
          if (request.images() > largest) {
            throw new IllegalStateException("while it ran\n" + NO_MEMORY + "\n  frame #0: c10");
          }
          return generator.generate(request, latency, observer);
        });
  }

  private BatchDecoder throwing(RuntimeException thrown) {
    return decoder(
        spec(),
        new Wave(0, 0, 4),
        (request, latency, observer) -> {
          throw thrown;
        });
  }

  private BatchDecoder decoder(GenerateSpec spec, Wave wave, BatchDecoder.Decode decode) {
    TaskSite site =
        new TaskSite(
            new TaskSite.Worker("here", "7", 42, 1),
            TaskSite.Signals.NONE,
            Optional.empty(),
            registry,
            () -> new ModelFiles(TinyRun.GOLDEN.folder(), new Configuration(false)),
            ends::add);
    return new BatchDecoder(spec, wave, lease, site, decode);
  }

  private static ModelFile file(NamedModel model) {
    return new ModelFile(model.name(), model.origin(), model.sha256());
  }
}
