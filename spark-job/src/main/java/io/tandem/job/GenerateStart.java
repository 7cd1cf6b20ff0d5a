package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.ExecutorProbe;
import io.tandem.executor.GenerateProgress;
import io.tandem.executor.GenerateSpec;
import io.tandem.executor.NumericIdentity;
import io.tandem.job.GenerateConditions.OtherIdentity;
import io.tandem.job.GenerateConditions.Retry;
import io.tandem.job.GenerateResult.Ending;
import io.tandem.job.GenerateResult.Made;
import io.tandem.job.WaveLoop.Outcome;
import io.tandem.run.CommittedWaves;
import io.tandem.run.ImageCounts;
import io.tandem.run.RunDifference;
import io.tandem.run.RunFolder;
import io.tandem.run.RunId;
import io.tandem.run.RunLock;
import io.tandem.run.RunManifest;
import io.tandem.run.RunOrigin;
import io.tandem.run.RunSettings;
import io.tandem.run.RunState;
import io.tandem.run.RunStatus;
import io.tandem.run.WavePlan;
import io.tandem.run.WaveRecords;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import io.tandem.table.BatchTable;
import io.tandem.table.ExecutorFindings;
import io.tandem.table.LakeWaves;
import io.tandem.wave.SampleBatches;
import io.tandem.wave.Wave;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** One start of a run, with its folder locked and Spark at hand. Runs once. */
final class GenerateStart {

  /** Spark's pool of the waves: within it jobs go in the order in which they come. */
  static final String WAVES = "waves";

  /** Spark's pool of the small jobs. */
  static final String RECORDS = "records";

  /** The setting of Spark that asks for a table of batches. */
  private static final String PLAN_AS_INPUT = "spark.tandem.planAsInput";

  private final GenerateJob job;
  private final GeneratePlan plan;
  private final Place place;
  private final Instant begun = Instant.now();

  /** What is known after {@link #begin}. */
  private ExecutorProbe.Finding finding;

  private RunManifest manifest;
  private RunStatus status;

  /** What is known after {@link #missing}. */
  private CommittedWaves before;

  private long start;

  /** Waves with failed samples that are to be made once more. */
  private final Set<Integer> again = new TreeSet<>();

  private WaveCommitter committer;

  /**
   * Where a start works.
   *
   * @param folder of the run
   * @param table that the images are committed to, if they are not to stay in the folder
   * @param lock of the folder
   * @param spark that runs the waves
   * @param watch over its jobs
   */
  record Place(
      RunFolder folder,
      Optional<LakeWaves> table,
      RunLock lock,
      EmbeddedSpark spark,
      JobWatch watch) {}

  GenerateStart(GenerateJob job, GeneratePlan plan, Place place) {
    this.job = job;
    this.plan = plan;
    this.place = place;
  }

  /** Makes all that is missing. */
  GenerateResult run() {
    begin();
    try {
      Stream<Wave> missing = missing();
      WaveLoop loop = new WaveLoop(committer()::make, place.watch::cancel, this::isStopWished);
      return end(Ticker.during(this::tell, () -> loop.run(missing.iterator())));
    } catch (RuntimeException | Error e) {
      endBadly(e);
      throw e;
    }
  }

  /** Looks at the executors, settles what the run is and says that it runs. */
  void begin() {
    finding = probe();
    place.table.ifPresent(LakeWaves::create);
    manifest = manifest(finding);
    job.order().samples().labelFile().ifPresent(file -> file.store(place.folder, place.lock));
    status = RunStatus.running(counts(manifest), begun);
    place.folder.write(status);
  }

  /** Returns the waves that are to be made; those of failed samples too, if that is wanted. */
  Stream<Wave> missing() {
    WaveRecords records = place.folder.records(manifest);
    place.table.ifPresent(table -> checkRows(table.counts(manifest.runId()), records));
    if (job.conditions().tolerance().retry() == Retry.FAILED) {
      records.committed().withFailures().forEach(again::add);
      again.forEach(wave -> records.withdraw(wave, place.lock));
    }
    before = records.checked();
    start = System.nanoTime();
    return manifest.plan().stream().filter(wave -> !before.holds(wave.number()));
  }

  /** Returns what commits the waves that {@link #missing} told; one for the whole start. */
  WaveCommitter committer() {
    if (committer == null) {
      GenerateSpec spec = spec(manifest, finding);
      committer = new WaveCommitter(place, manifest, spec, plan, again, batches(manifest));
    }
    return committer;
  }

  /** Writes what is written when the loop is over. */
  GenerateResult end(Outcome outcome) {
    GenerateResult result = result(outcome);
    new RunEpilogue(job, place, manifest).write(result, finding, begun);
    boolean isStopped = result.ending() == Ending.STOPPED;
    place.folder.write(
        status.ended(
            isStopped ? RunState.INTERRUPTED : RunState.DONE,
            job.exitCode(result),
            result.images(),
            ""));
    return result;
  }

  private ImageCounts counts(RunManifest manifest) {
    return GenerateJob.counts(manifest, place.folder.records(manifest).committed());
  }

  private ExecutorProbe.Finding probe() {
    ExecutorProbe.Setting setting =
        new ExecutorProbe.Setting(
            job.conditions().execution().device(),
            job.precision(place.folder.manifest()),
            plan.shape().cpusPerTask(),
            job.order().samples().batches().size());
    ExecutorProbe probe = new ExecutorProbe(job.order().models().names(), setting);
    return place.watch.run(
        "probe",
        "looking at the executors",
        RECORDS,
        () -> {},
        () -> ExecutorFindings.of(place.spark.session(), probe, plan.shape().slots()));
  }

  /** Returns what {@code run.json} says from now on: of a new run, the old one, or a longer one. */
  private RunManifest manifest(ExecutorProbe.Finding finding) {
    RunSettings here =
        new RunSettings(
            job.options(finding.precision().name().toLowerCase(Locale.ROOT)),
            job.order().runModels(),
            described(finding.identity()));
    Optional<RunManifest> stored = place.folder.manifest();
    if (stored.isEmpty()) {
      RunOrigin origin = RunOrigin.now(RunId.drawn(), job.software().tandem());
      RunManifest manifest = new RunManifest(origin, here, plan.waves());
      place.folder.begin(manifest, place.lock);
      return manifest;
    }
    RunManifest there = stored.get();
    RunDifference difference = RunDifference.between(there.settings(), here);
    difference.checkSettings(place.folder.toString());
    difference.identityText().ifPresent(this::checkIdentity);
    long wanted = job.order().samples().count();
    if (wanted == there.plan().images()) {
      return there;
    }
    long waveImages = plan.waves().segments().get(0).waveImages();
    WavePlan longer = there.plan().extended(wanted, waveImages);
    RunManifest manifest = there.extended(here.options(), longer);
    place.folder.extend(manifest, place.lock);
    return manifest;
  }

  private void checkIdentity(String difference) {
    check(
        job.conditions().tolerance().otherIdentity() == OtherIdentity.ACCEPTED,
        "Cannot continue the run in '%s': here is %s. Its other samples could come out with other"
            + " last bits. Use the machines and the version of the run, or pass"
            + " --accept-other-identity.",
        place.folder,
        difference);
    job.companion().say("going on with " + difference);
  }

  /** Precision and batch size are settings, and stand there. */
  static SortedMap<String, String> described(NumericIdentity identity) {
    SortedMap<String, String> described = new TreeMap<>();
    described.put("device", identity.device());
    described.put("libtorch", identity.libtorch());
    described.put("code", identity.code());
    described.put("threads", String.valueOf(identity.threads()));
    return described;
  }

  private GenerateResult result(Outcome outcome) {
    double seconds = (System.nanoTime() - start) / 1e9;
    CommittedWaves after = place.folder.records(manifest).committed();
    if (outcome == Outcome.DONE && after.images() < manifest.plan().images()) {
      throw new IllegalStateException(
          "%,d of %,d images of '%s' have a record: somebody removed others meanwhile"
              .formatted(after.images(), manifest.plan().images(), place.folder));
    }
    return new GenerateResult(
        outcome == Outcome.STOPPED ? Ending.STOPPED : Ending.DONE,
        job.places(place.folder, manifest),
        GenerateJob.counts(manifest, after),
        new Made(
            after.images() - before.images(),
            after.count() - before.count(),
            seconds,
            committer().removed()));
  }

  /** Writes the table of batches where a listener is to see what the waves are made from. */
  private Optional<BatchTable> batches(RunManifest manifest) {
    if (!"true".equals(job.conditions().spark().values().get(PLAN_AS_INPUT))) {
      return Optional.empty();
    }
    BatchTable table = BatchTable.in(place.folder.root().toString());
    SampleBatches batches = job.order().samples().batches();
    place.lock.check();
    place.watch.run(
        "plan",
        "plan",
        RECORDS,
        () -> {},
        () -> {
          table.write(
              place.spark.session(),
              batches.batchOf(manifest.plan().images() - 1) + 1,
              manifest.runId(),
              batches.size());
          return table;
        });
    return Optional.of(table);
  }

  /** Somebody may have restored an older table, or removed rows of the run. */
  private void checkRows(Map<Integer, Long> rows, WaveRecords records) {
    records.forEach(
        record -> {
          int wave = record.wave().number();
          long there = rows.getOrDefault(wave, 0L);
          check(
              there == record.sums().rows(),
              "Cannot continue the run in '%s': its table has %d rows of wave %d (%d were"
                  + " committed). Restore the table, or remove '%s/_waves/%d.json', and the wave is"
                  + " made again.",
              place.folder,
              there,
              wave,
              record.sums().rows(),
              place.folder,
              wave);
        });
  }

  /** A heartbeat may find out that another process has the folder: then all work is in vain. */
  boolean isStopWished() {
    place.lock.checkIsNotKnownLost();
    return job.companion().isStopWished();
  }

  private void tell() {
    job.companion().progressed(done(), images());
  }

  /** Returns about how many samples there are, those of unfinished waves too. */
  long done() {
    GenerateProgress.Attempted attempted = GenerateProgress.ofThisJvm().of(manifest.runId());
    return Math.min(images(), before.images() + attempted.images() + attempted.failed());
  }

  /** Returns how many samples the run will have. */
  long images() {
    return manifest.plan().images();
  }

  private GenerateSpec spec(RunManifest manifest, ExecutorProbe.Finding finding) {
    DataSetOrder order = job.order();
    GenerateConditions conditions = job.conditions();
    return new GenerateSpec(
        manifest.runId(),
        order.models().names(),
        order.decode(),
        new GenerateSpec.Sampling(order.samples().seed(), order.samples().batches()),
        new GenerateSpec.Execution(
            finding.precision(),
            conditions.execution().device(),
            plan.shape().cpusPerTask(),
            conditions.tolerance().smallerBatches(),
            conditions.execution().latency(),
            finding.identity()),
        new GenerateSpec.Output(
            order.pictures().codec(),
            order.pictures().classNames(),
            order.pictures().features().stream().toList()));
  }

  /** Says that the run failed, as far as that can be said. */
  void endBadly(Throwable cause) {
    if (status == null) {
      return; // it never said that it runs
    }
    try {
      place.lock.check();
      int exitCode = cause instanceof UserError ? GenerateResult.INPUT : GenerateResult.FAULT;
      place.folder.write(
          status.ended(
              RunState.FAILED, exitCode, counts(manifest), String.valueOf(cause.getMessage())));
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }
}
