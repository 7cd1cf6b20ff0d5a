package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.executor.ImagesSchema;
import io.tandem.executor.TandemPlugin;
import io.tandem.image.ImageCodec;
import io.tandem.job.GenerateConditions.Companion;
import io.tandem.job.GenerateConditions.Retry;
import io.tandem.job.GenerateResult.Ending;
import io.tandem.job.GenerateResult.Made;
import io.tandem.job.GenerateResult.Places;
import io.tandem.run.CommittedWaves;
import io.tandem.run.ImageCounts;
import io.tandem.run.RunDifference;
import io.tandem.run.RunFolder;
import io.tandem.run.RunLock;
import io.tandem.run.RunManifest;
import io.tandem.run.RunSettings;
import io.tandem.run.RunState;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LakeTable;
import io.tandem.table.LakeWaves;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a data set in waves, each of which is committed by a record, or goes on with one that is
 * there.
 *
 * <p>The order of things: the folder and what it holds are looked at; then it is locked; then Spark
 * starts and its executors are looked at; and only then is anything written that stays.
 */
public final class GenerateJob {

  private static final String AUTO = "auto";
  private static final String PRECISION = "precision";

  private final DataSetOrder order;
  private final GenerateConditions conditions;
  private final Software software;
  private final Companion companion;

  /**
   * What makes the data set.
   *
   * @param tandem its version
   * @param versions of everything, by name
   */
  public record Software(String tandem, Map<String, String> versions) {

    public Software {
      versions = Map.copyOf(versions);
    }
  }

  /** Prepares a job, which runs once. */
  public GenerateJob(
      DataSetOrder order, GenerateConditions conditions, Software software, Companion companion) {
    this.order = order;
    this.conditions = conditions;
    this.software = software;
    this.companion = companion;
  }

  DataSetOrder order() {
    return order;
  }

  GenerateConditions conditions() {
    return conditions;
  }

  Software software() {
    return software;
  }

  Companion companion() {
    return companion;
  }

  /**
   * Makes what is missing.
   *
   * @throws io.tandem.base.UserError if the folder cannot be used, is of another run, or somebody
   *     else's; if models, memory or executors do not suffice
   */
  public GenerateResult run() {
    SessionSettings settings = settings();
    try (RunFolder folder = RunFolder.open(conditions.out(), conditions.spark().hadoop())) {
      Optional<GenerateResult> complete = complete(folder);
      if (complete.isPresent()) {
        return complete.get();
      }
      GeneratePlan plan = GeneratePlan.of(order, conditions);
      plan.checkMemory(conditions);
      try (RunLock lock = locked(folder);
          EmbeddedSpark spark = EmbeddedSpark.open(settings);
          JobWatch watch = new JobWatch(spark.session())) {
        lock.nameApplication(spark.session().sparkContext().applicationId());
        Optional<LakeWaves> table =
            conditions
                .table()
                .map(each -> LakeWaves.open(spark.session(), each, ImagesSchema.schema()));
        return new GenerateStart(
                this, plan, new GenerateStart.Place(folder, table, lock, spark, watch))
            .run();
      }
    }
  }

  /** Returns the result if nothing is to be added to the run in {@code folder}. */
  Optional<GenerateResult> complete(RunFolder folder) {
    return folder.manifest().flatMap(run -> complete(folder, run));
  }

  /** Returns the lock of {@code folder}, which the caller closes. */
  RunLock locked(RunFolder folder) {
    RunLock lock = RunLock.acquire(folder, "");
    try {
      // Another process may have begun the run before the lock was ours.
      folder.manifest().ifPresent(manifest -> checkSettings(folder, manifest));
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Returns what Spark is started with. */
  SessionSettings settings() {
    return conditions
        .spark()
        .plus("spark.plugins", TandemPlugin.class.getName())
        // Pools share the slots: the small jobs that end a wave need not wait for the next wave.
        .orElse("spark.scheduler.mode", "FAIR");
  }

  private void checkSettings(RunFolder folder, RunManifest there) {
    RunSettings here =
        new RunSettings(
            options(precision(Optional.of(there))), order.runModels(), there.settings().identity());
    RunDifference.between(there.settings(), here).checkSettings(folder.toString());
  }

  /**
   * Returns the precision that is wanted; what {@code auto} means was settled by the first start.
   */
  String precision(Optional<RunManifest> there) {
    String wanted = conditions.execution().precision();
    return wanted.equals(AUTO)
        ? there.map(run -> run.settings().options().get(PRECISION)).orElse(wanted)
        : wanted;
  }

  /** Returns all that settles the samples. */
  SortedMap<String, String> options(String precision) {
    SortedMap<String, String> options = new TreeMap<>(order.options());
    options.put(PRECISION, precision);
    conditions.table().ifPresent(table -> options.put(RunImages.TABLE, table.toString()));
    return options;
  }

  /**
   * Returns the result if nothing is to be added to the run. Whoever made its last wave may have
   * ended before the contact sheet or with the lock, or a process that was suspended may have left
   * files since: then a start is wanted that makes no wave.
   */
  private Optional<GenerateResult> complete(RunFolder folder, RunManifest manifest) {
    checkSettings(folder, manifest);
    CommittedWaves committed = folder.records(manifest).committed();
    boolean isRetry = conditions.tolerance().retry() == Retry.FAILED && committed.failed() > 0;
    if (isRetry
        || committed.images() < order.samples().count()
        || !isEnded(folder)
        || folder.isLocked()
        || !folder.holdsOnly(committed)) {
      return Optional.empty();
    }
    return Optional.of(
        new GenerateResult(
            Ending.NOTHING_TO_DO,
            places(folder, manifest),
            counts(manifest, committed),
            Made.NOTHING));
  }

  private static boolean isEnded(RunFolder folder) {
    try {
      return folder.status().filter(status -> status.state() == RunState.DONE).isPresent();
    } catch (UserError e) {
      return false; // a file that nobody can read is written anew
    }
  }

  Places places(RunFolder folder, RunManifest manifest) {
    return new Places(
        manifest.runId(),
        conditions.table().map(LakeTable::name).orElse(folder.shown(folder.images())),
        order.pictures().codec() == ImageCodec.NONE
            ? Optional.empty()
            : Optional.of(folder.shown(folder.contactSheet())),
        folder.shown(folder.statusFile()));
  }

  static ImageCounts counts(RunManifest manifest, CommittedWaves committed) {
    return new ImageCounts(manifest.plan().images(), committed.images(), committed.failed());
  }

  /** Returns the exit code of a process that ends with {@code result}. */
  public int exitCode(GenerateResult result) {
    if (result.ending() == Ending.STOPPED) {
      return GenerateResult.INTERRUPTED;
    }
    return result.images().failed() > conditions.tolerance().mostFailed()
        ? GenerateResult.FAILED_SAMPLES
        : 0;
  }
}
