package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.executor.FeaturePartition;
import io.tandem.executor.FeatureSpec;
import io.tandem.executor.FeaturesSchema;
import io.tandem.features.FeatureIdentity;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.JobWatch;
import io.tandem.table.ChunkFacts;
import io.tandem.table.FeatureStore;
import io.tandem.table.MapRows;
import io.tandem.table.PictureSet;
import io.tandem.table.PictureSets;
import io.tandem.table.RecordedWave;
import io.tandem.table.SampleChunks;
import io.tandem.table.StoredFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Brings the features of sets of pictures into stores, one network for all. */
final class FeatureStage implements AutoCloseable {

  private static final String POOL = "evaluate";
  private static final String BESIDE = ".features";
  private static final String IN_RUN = "features";
  private static final int SHOWN = 5;
  private static final int MOST_PARTITIONS = 4096;

  private final FeatureRequest request;
  private final FeatureNetworkSource network;
  private final FeatureSpec.Taps taps;
  private final Consumer<String> messages;
  private final EmbeddedSpark spark;
  private final JobWatch watch;

  private FeatureStage(
      FeatureRequest request,
      FeatureNetworkSource network,
      FeatureSpec.Taps taps,
      Consumer<String> messages,
      EmbeddedSpark spark) {
    this.request = request;
    this.network = network;
    this.taps = taps;
    this.messages = messages;
    this.spark = spark;
    this.watch = new JobWatch(spark.session());
  }

  /**
   * Starts Spark; the caller closes the result.
   *
   * @param messages takes lines on how it goes
   */
  static FeatureStage start(
      FeatureRequest request,
      FeatureNetworkSource network,
      FeatureSpec.Taps taps,
      Consumer<String> messages) {
    EmbeddedSpark spark = EmbeddedSpark.open(request.spark());
    try {
      return new FeatureStage(request, network, taps, messages, spark);
    } catch (RuntimeException | Error e) {
      spark.close();
      throw e;
    }
  }

  /** Returns Spark, which ends with this. */
  EmbeddedSpark spark() {
    return spark;
  }

  /** Returns by what the features are known. */
  FeatureIdentity identity() {
    return network.identity();
  }

  /**
   * A run that pictures are of.
   *
   * @param root its folder
   * @param runId its name
   */
  record Run(String root, String runId) {}

  /**
   * Features of a set.
   *
   * @param table where they are
   * @param run that the pictures are of, if they are
   */
  record Features(FeatureTable table, Optional<Run> run) {}

  /**
   * Computes the features of {@code images} that are not there yet.
   *
   * @throws UserError if the pictures cannot be used
   */
  Features features(String images) {
    Optional<String> run = run(images);
    return run.isPresent() ? ofRun(images, run.get()) : ofPictures(images);
  }

  /** Returns the folder of the run that is named, be it by its table of images. */
  private Optional<String> run(String images) {
    if (RunFolder.holdsRun(images, request.spark().hadoop())) {
      return Optional.of(images);
    }
    String table = images.replaceFirst("/+$", "");
    String parent = table.replaceFirst("/images$", "");
    return !parent.equals(table) && RunFolder.holdsRun(parent, request.spark().hadoop())
        ? Optional.of(parent)
        : Optional.empty();
  }

  private Features ofRun(String images, String run) {
    try (RunFolder folder = RunFolder.open(run, request.spark().hadoop())) {
      RunManifest manifest = folder.manifest().orElseThrow();
      List<RecordedWave> waves = new ArrayList<>();
      folder.records(manifest).forEach(record -> waves.add(RecordedWaves.of(record)));
      String root = folder.root().toString();
      String place = request.cache().orElse(root + "/" + IN_RUN);
      try (RunImages files = RunImages.of(spark, folder, manifest, waves, Long.MAX_VALUE)) {
        FeatureTable table =
            isStored(manifest) ? stored(images, files, place) : ofPictures(images, files, place);
        return new Features(table, Optional.of(new Run(root, manifest.runId())));
      }
    }
  }

  private FeatureTable stored(String images, RunImages files, String place) {
    StoredFeatures stored =
        explained(() -> StoredFeatures.ofRun(spark.session(), images, files.root(), files.waves()));
    return table(
        stored, place, ", the others in the table", (store, there) -> copy(stored, store, there));
  }

  private FeatureTable ofPictures(String images, RunImages files, String place) {
    return computed(
        explained(() -> PictureSets.ofRun(spark.session(), images, files.root(), files.waves())),
        place);
  }

  /** Returns whether the run has these very features beside its pictures. */
  private boolean isStored(RunManifest manifest) {
    Map<String, String> options = manifest.settings().options();
    return network.identity().weightsSha256().equals(options.get(DataSetOrder.FEATURES_SHA256))
        && network.identity().profile().label().equals(options.get("profile"));
  }

  private Features ofPictures(String images) {
    String place = request.cache().orElse(images.replaceFirst("/+$", "") + BESIDE);
    PictureSet pictures =
        explained(() -> PictureSets.open(spark.session(), images, place + "/_pictures"));
    return new Features(computed(pictures, place), Optional.empty());
  }

  private FeatureTable computed(PictureSet pictures, String place) {
    return table(pictures, place, "", (store, there) -> compute(pictures, store, there));
  }

  /** Brings the features that a store lacks into it. */
  @FunctionalInterface
  private interface Filling {

    void fill(FeatureStore store, FeatureStore.Found there);
  }

  private FeatureTable table(SampleChunks pictures, String place, String note, Filling filling) {
    FeatureStore store =
        FeatureStore.open(
            spark.session(), place, network.identity(), request.pictures().colours(), taps);
    Map<Long, String> chunks = pictures.chunks();
    FeatureStore.Found there = store.find(pictures.chunks());
    messages.accept(
        "features   %s: %,d samples in %,d chunks, %,d of them computed before%s"
            .formatted(
                pictures.name(), pictures.count(), chunks.size(), there.files().size(), note));
    if (!there.missing().isEmpty()) {
      store.checkIsWritable();
      explained(
          () ->
              watch.run(
                  "features",
                  "features of " + pictures.name(),
                  POOL,
                  () -> {},
                  () -> {
                    filling.fill(store, there);
                    return there;
                  }));
    }
    FeatureStore.Found found = store.find(pictures.chunks());
    if (!found.missing().isEmpty()) {
      throw new IllegalStateException("Chunks are missing in " + store.folder());
    }
    FeatureTable table =
        new FeatureTable(pictures.name(), store, found, explained(() -> store.facts(found)));
    checkSamples(table, pictures.count());
    return table;
  }

  private void copy(StoredFeatures stored, FeatureStore store, FeatureStore.Found there) {
    stored.read(
        there.missing(), partitions(there), taps, part -> store.write(part, stored.chunks()));
  }

  private int partitions(FeatureStore.Found there) {
    return request
        .pictures()
        .partitions()
        .orElse(Math.min(MOST_PARTITIONS, there.missing().size()));
  }

  private void compute(PictureSet pictures, FeatureStore store, FeatureStore.Found there) {
    PictureSet.Size size = pictures.size();
    FeatureSpec spec =
        new FeatureSpec(
            network.named(),
            network.identity().profile(),
            new FeatureSpec.Execution(
                request.device(), ClusterShape.of(request.spark().values()).cpusPerTask()),
            new FeatureSpec.Pictures(
                size.width(), size.height(), taps, request.pictures().colours()));
    pictures.forEachPart(
        there.missing(),
        partitions(there),
        part ->
            store.write(
                MapRows.of(part, new FeaturePartition(spec), FeaturesSchema.schema()),
                pictures.chunks()));
  }

  private void checkSamples(FeatureTable table, long expected) {
    long unusable = table.unusable().size();
    long all = table.samples() + unusable + table.failed().size();
    if (all != expected) {
      throw UserError.of(
          "Cannot evaluate '%s': %d samples were read of %d (all). Remove '%s' if files were"
              + " changed in place.",
          table.name(), all, expected, table.store().folder());
    }
    check(
        unusable <= request.pictures().mostUnusable(),
        "Cannot evaluate '%s': %d of %d pictures cannot be used (at most %d): %s%s. Replace them,"
            + " or pass --max-failed %d.",
        table.name(),
        unusable,
        all,
        request.pictures().mostUnusable(),
        table.unusable().stream()
            .limit(SHOWN)
            .map(FeatureStage::shown)
            .collect(Collectors.joining("; ")),
        unusable > SHOWN ? "; and so on" : "",
        unusable);
    check(
        table.sizes().size() <= 1,
        "Cannot evaluate '%s': its pictures have the sizes %s (one size). Resize them first.",
        table.name(),
        String.join(", ", table.sizes().keySet()));
  }

  private static String shown(ChunkFacts.Problem problem) {
    return "sample %d: %s".formatted(problem.sample(), problem.error());
  }

  /** Runs what starts tasks, whose messages to the user are unpacked. */
  <T> T explained(Supplier<T> work) {
    return TaskFailures.explained(work);
  }

  @Override
  public void close() {
    watch.close();
    spark.close();
  }
}
