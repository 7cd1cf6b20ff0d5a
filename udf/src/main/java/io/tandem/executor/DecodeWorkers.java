package io.tandem.executor;

import io.tandem.executor.GenerateSpec.Execution;
import io.tandem.generate.BatchRequest;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorch;
import io.tandem.metrics.ScaleLatency;
import io.tandem.model.DeviceSpec;
import io.tandem.registry.ModelLease;
import io.tandem.registry.ModelRegistry.Loading;
import io.tandem.registry.ModelRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/**
 * The models that a task has leased and the threads that work for it: one that decodes, and on a
 * GPU as many as the task has cores to encode.
 *
 * <p>On a processor the thread of the task encodes alone. There all cores of the task compute
 * kernels, whose threads wait for the slowest one: a second encoder would slow each kernel down to
 * save a task little, since encoding takes a small part of the time of decoding. A single core does
 * the same work whoever asks for it. A GPU leaves the cores idle, and may decode faster than one of
 * them encodes.
 */
final class DecodeWorkers implements AutoCloseable {

  private final GenerateGroup group;
  private final TaskSite site;

  /** One for each run. */
  private final List<ModelLease> leases;

  private final DeviceSpec device;
  private final BatchDecoder decoder;

  /** One for each run. */
  private final List<ImageRows> rows;

  /** One for each run. */
  private final List<ImageFeatures> features;

  private final ExecutorService thread = DecodeThreads.take();
  private final Optional<ExecutorService> encoding;
  private final List<Thread> encoders = new CopyOnWriteArrayList<>();

  /** What was decoded last, or is being decoded. */
  private Future<List<DecodedPart>> decoding = CompletableFuture.completedFuture(List.of());

  private DecodeWorkers(
      DecodeWork work, TaskSite site, List<ModelLease> leases, List<ImageFeatures> features) {
    this.group = work.group();
    this.site = site;
    this.leases = List.copyOf(leases);
    this.features = List.copyOf(features);
    this.device = leases.get(0).models().device();
    this.decoder = new BatchDecoder(group, work.wave(), leases, site);
    int cores = site.worker().cores();
    this.encoding =
        device.isCpu() || cores < 2
            ? Optional.empty()
            : Optional.of(Executors.newFixedThreadPool(cores, this::encoder));
    ImageRows.Encoders together =
        encoding.<ImageRows.Encoders>map(Together::new).orElse(ImageRows.Encoders.NONE);
    this.rows =
        IntStream.range(0, group.runs().size())
            .mapToObj(
                run ->
                    new ImageRows(
                        new ImageRows.Work(work, run),
                        site.worker(),
                        device,
                        together,
                        features.get(run)))
            .toList();
  }

  /**
   * Leases the models and starts the threads; the caller closes the result.
   *
   * @throws io.tandem.base.HopelessException if weights or the machine are not those of the run
   */
  static DecodeWorkers start(DecodeWork work, TaskSite site) {
    GenerateGroup group = work.group();
    DeviceSpec device = TaskDevice.find(group.execution().device(), site.gpus());
    checkIdentity(group, device, site.worker().host());
    ModelFiles files = site.files().get();
    List<ModelLease> leases = new ArrayList<>();
    List<ImageFeatures> features = new ArrayList<>();
    try {
      for (GenerateSpec run : group.runs()) {
        leases.add(site.registry().lend(request(run, files, device)));
        features.add(ImageFeatures.of(run, files, device));
      }
      DecodeWorkers workers = new DecodeWorkers(work, site, leases, features);
      DecodeActivity.ofThisJvm().begin();
      return workers;
    } catch (RuntimeException | Error e) {
      features.forEach(ImageFeatures::close);
      leases.forEach(ModelLease::close);
      throw e;
    } catch (InterruptedException e) {
      features.forEach(ImageFeatures::close);
      leases.forEach(ModelLease::close);
      throw GeneratedRows.interrupted();
    }
  }

  private static ModelRequest request(GenerateSpec run, ModelFiles files, DeviceSpec device) {
    return new ModelRequest(
        run.models().transformers().stream().map(files::locate).toList(),
        files.locate(run.models().tokeniser()),
        run.execution().precision(),
        device,
        run.execution().threads());
  }

  private static void checkIdentity(GenerateGroup group, DeviceSpec device, String host) {
    Execution execution = group.execution();
    NumericIdentity found =
        NumericIdentity.ofThisJvm(
            execution.precision(), group.sampling().batches().size(), execution.threads(), device);
    List<String> differences = execution.identity().differences(found);
    if (!differences.isEmpty()) {
      throw new WrongIdentityException(host, differences);
    }
  }

  private Thread encoder(Runnable work) {
    Thread thread = new Thread(work, "tandem-encode-" + site.worker().attempt());
    thread.setDaemon(true);
    encoders.add(thread);
    return thread;
  }

  /** Begins to decode a batch; the one before it has been taken. */
  Future<List<DecodedPart>> decode(BatchRequest batch) {
    decoding =
        thread.submit(
            () -> {
              LibTorch.useThreads(group.execution().threads()); // is kept by thread
              return decoder.decode(batch);
            });
    return decoding;
  }

  /** Encodes the samples of a part and returns their rows. */
  List<Row> rows(DecodedPart part) {
    List<Row> made = rows.get(part.run()).of(part);
    int images = part.made().isPresent() ? made.size() : 0;
    DecodeActivity activity = DecodeActivity.ofThisJvm();
    double loadSeconds = site.registry().loadings().stream().mapToDouble(Loading::seconds).sum();
    activity.done(
        new BatchReport(
            group.runs().get(part.run()).runId(),
            site.worker().executor(),
            images,
            made.size() - images,
            part.latency().scales().stream().map(ScaleLatency::nanos).toList(),
            new BatchReport.Totals(
                activity.outOfMemory(),
                loadSeconds,
                device.isCpu() ? 0 : LibTorch.usedGpuBytes(device))));
    return made;
  }

  /** Ends the running decode after its scale, waits for all threads, gives the models back. */
  @Override
  public void close() {
    decoder.stop();
    encoding.ifPresent(ExecutorService::shutdownNow);
    boolean interrupted = awaited(decoding);
    DecodeThreads.giveBack(thread);
    for (Thread thread : encoders) {
      interrupted |= joined(thread);
    }
    DecodeActivity.ofThisJvm().end();
    features.forEach(ImageFeatures::close);
    leases.forEach(ModelLease::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end, which comes: weights must not go while they are used. */
  private static boolean awaited(Future<?> work) {
    boolean interrupted = false;
    while (true) {
      try {
        work.get();
        return interrupted;
      } catch (ExecutionException e) {
        return interrupted; // whoever wants the result hears of it
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  private static boolean joined(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** Encodes several pictures at a time. */
  private record Together(ExecutorService threads) implements ImageRows.Encoders {

    @Override
    public <T> List<T> all(List<RgbImage> pictures, Function<RgbImage, T> encode) {
      List<Future<T>> running = new ArrayList<>();
      for (RgbImage picture : pictures) {
        running.add(threads.submit(() -> encode.apply(picture)));
      }
      List<T> results = new ArrayList<>();
      try {
        for (Future<T> one : running) {
          results.add(one.get());
        }
      } catch (InterruptedException e) {
        throw GeneratedRows.interrupted();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Cannot encode a picture", e.getCause());
      }
      return results;
    }
  }
}
