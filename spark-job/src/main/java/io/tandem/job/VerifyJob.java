package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.DeviceChoice;
import io.tandem.executor.ExecutorProbe;
import io.tandem.executor.GenerateSpec;
import io.tandem.executor.NumericIdentity;
import io.tandem.executor.SmallerBatches;
import io.tandem.job.VerifyResult.Regenerated;
import io.tandem.metrics.LatencyMode;
import io.tandem.run.CommittedWaves;
import io.tandem.run.ImageCounts;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.run.RunModel;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import io.tandem.spark.SessionSettings;
import io.tandem.table.CheckedTables;
import io.tandem.table.ExecutorFindings;
import io.tandem.table.PlannedClasses;
import io.tandem.table.RecordedWave;
import io.tandem.table.RegeneratedRows;
import io.tandem.table.RunTables;
import io.tandem.table.SampleRows;
import io.tandem.table.StoredSample;
import io.tandem.wave.SampleBatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Says whether a run is what its records say, and makes whole batches around some samples again.
 * Changes nothing.
 */
public final class VerifyJob {

  private static final String TOKENISER = "vae";
  private static final String POOL = "verify";

  private final Request request;
  private final Consumer<String> messages;

  /**
   * What is to be verified.
   *
   * @param out folder of the run
   * @param samples how many random samples are made again, each with its whole batch
   * @param seed of the choice of samples
   * @param models where models are now, by name, if they are not where they were
   * @param device where samples are made again
   * @param spark what Spark is started with
   */
  public record Request(
      String out,
      int samples,
      long seed,
      Map<String, String> models,
      DeviceChoice device,
      SessionSettings spark) {

    public Request {
      check(samples >= 0, "Cannot make %d samples again (0 or more)", samples);
      models = Map.copyOf(models);
    }
  }

  /**
   * Prepares a job, which runs once.
   *
   * @param messages takes lines on how it goes
   */
  public VerifyJob(Request request, Consumer<String> messages) {
    this.request = request;
    this.messages = messages;
  }

  /**
   * Looks at everything.
   *
   * @throws UserError if there is no run, or its {@code run.json} or a record cannot be read
   */
  public VerifyResult run() {
    try (RunFolder folder = RunFolder.openToRead(request.out, request.spark.hadoop())) {
      RunManifest manifest = folder.manifest().orElseThrow();
      List<RecordedWave> waves = new ArrayList<>();
      folder.records(manifest).forEach(record -> waves.add(RecordedWaves.of(record)));
      CommittedWaves committed = folder.records(manifest).committed();
      try (EmbeddedSpark spark =
              EmbeddedSpark.open(RunImages.settings(request.spark, RunImages.table(manifest)));
          JobWatch watch = new JobWatch(spark.session());
          RunImages images =
              RunImages.of(spark, folder, manifest, waves, manifest.plan().images())) {
        return new Verification(folder, manifest, images, spark, watch).result(committed);
      }
    }
  }

  /** One run that is looked at. */
  private final class Verification {

    private final RunManifest manifest;
    private final List<RecordedWave> waves;
    private final EmbeddedSpark spark;
    private final JobWatch watch;
    private final String root;
    private final String tables;

    private Verification(
        RunFolder folder,
        RunManifest manifest,
        RunImages images,
        EmbeddedSpark spark,
        JobWatch watch) {
      this.manifest = manifest;
      waves = images.waves();
      tables = images.root();
      this.spark = spark;
      this.watch = watch;
      root = folder.root().toString();
    }

    private VerifyResult result(CommittedWaves committed) {
      messages.accept("reading all files of %d waves".formatted(waves.size()));
      CheckedTables tables =
          watch.run("tables", "verify: all files", POOL, () -> {}, this::checkTables);
      return new VerifyResult(
          manifest.runId(),
          new ImageCounts(manifest.plan().images(), committed.images(), committed.failed()),
          IntStream.range(0, manifest.plan().waves())
              .filter(wave -> !committed.holds(wave))
              .boxed()
              .toList(),
          tables,
          request.samples == 0 || waves.isEmpty()
              ? Regenerated.none("none were asked for")
              : regenerated(tables.unreadable()));
    }

    private CheckedTables checkTables() {
      return RunTables.check(spark.session(), tables, waves, PlannedClasses.of(batches().labels()));
    }

    private SampleBatches batches() {
      return StoredOrder.batches(root, manifest, Integer.MAX_VALUE);
    }

    private Regenerated regenerated(Set<String> unreadable) {
      Map<String, String> transformers = new LinkedHashMap<>();
      String tokeniser = null;
      for (RunModel model : manifest.settings().models()) {
        String origin = request.models.getOrDefault(model.name(), model.origin());
        if (model.name().equals(TOKENISER)) {
          tokeniser = origin;
        } else {
          transformers.put(model.name(), origin);
        }
      }
      try (ModelSources sources =
          ModelSources.open(transformers, Objects.requireNonNull(tokeniser, TOKENISER))) {
        DataSetOrder order = StoredOrder.of(root, manifest, sources);
        Optional<String> otherModels = otherModels(order);
        if (otherModels.isPresent()) {
          return Regenerated.none(otherModels.get());
        }
        return regenerated(order, unreadable);
      }
    }

    private Optional<String> otherModels(DataSetOrder order) {
      Map<String, String> digests = new LinkedHashMap<>();
      order.runModels().forEach(model -> digests.put(model.name(), model.sha256()));
      return manifest.settings().models().stream()
          .filter(model -> !model.sha256().equals(digests.get(model.name())))
          .findFirst()
          .map(model -> "model '%s' is another file than the run's".formatted(model.name()));
    }

    private Regenerated regenerated(DataSetOrder order, Set<String> unreadable) {
      ExecutorProbe.Finding finding = probe(order);
      List<String> differences = differences(finding.identity());
      if (!differences.isEmpty()) {
        return Regenerated.none("another numeric identity: " + String.join("; ", differences));
      }
      messages.accept("making batches around %d samples again".formatted(request.samples));
      return watch.run(
          "batches",
          "verify: batches again",
          POOL,
          () -> {},
          () -> compared(order, finding, unreadable));
    }

    private ExecutorProbe.Finding probe(DataSetOrder order) {
      ExecutorProbe.Setting setting =
          new ExecutorProbe.Setting(
              request.device,
              manifest.settings().options().getOrDefault("precision", "auto"),
              ClusterShape.of(request.spark.values()).cpusPerTask(),
              order.samples().batches().size());
      return watch.run(
          "probe",
          "looking at the executors",
          POOL,
          () -> {},
          () ->
              ExecutorFindings.of(
                  spark.session(), new ExecutorProbe(order.models().names(), setting), 1));
    }

    private List<String> differences(NumericIdentity here) {
      SortedMap<String, String> there = manifest.settings().identity();
      List<String> differences = new ArrayList<>();
      GenerateStart.described(here)
          .forEach(
              (name, value) -> {
                if (!value.equals(there.get(name))) {
                  differences.add("%s: %s there, %s here".formatted(name, there.get(name), value));
                }
              });
      return differences;
    }

    private Regenerated compared(
        DataSetOrder order, ExecutorProbe.Finding finding, Set<String> unreadable) {
      Set<Long> chosen = chosen();
      SortedMap<Long, List<StoredSample>> stored =
          SampleRows.read(
              spark.session(), tables, waves, chosen, order.samples().batches().size(), unreadable);
      GenerateSpec spec =
          new GenerateSpec(
              manifest.runId(),
              order.models().names(),
              order.decode(),
              new GenerateSpec.Sampling(order.samples().seed(), order.samples().batches()),
              new GenerateSpec.Execution(
                  finding.precision(),
                  request.device,
                  finding.identity().threads(),
                  SmallerBatches.REFUSED,
                  LatencyMode.OFF,
                  finding.identity()),
              new GenerateSpec.Output(order.pictures().codec(), List.of(), List.of()));
      List<Long> different = RegeneratedRows.differences(spark.session(), spec, stored);
      stored.values().forEach(batch -> batch.forEach(it -> chosen.remove(it.sampleIndex())));
      return new Regenerated(
          stored.values().stream().mapToLong(List::size).sum(),
          different,
          chosen.stream().filter(this::isRecorded).count(),
          "");
    }

    private boolean isRecorded(long sample) {
      return waves.stream().anyMatch(wave -> wave.first() <= sample && sample < wave.end());
    }

    private Set<Long> chosen() {
      Random random = new Random(request.seed);
      long images = manifest.plan().images();
      Set<Long> chosen = new TreeSet<>();
      while (chosen.size() < Math.min(request.samples, images)) {
        chosen.add(Math.floorMod(random.nextLong(), images));
      }
      return chosen;
    }
  }
}
