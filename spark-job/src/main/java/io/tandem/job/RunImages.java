package io.tandem.job;

import io.tandem.executor.ImagesSchema;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import io.tandem.table.CopiedWaves;
import io.tandem.table.LakeTable;
import io.tandem.table.LakeWaves;
import io.tandem.table.RecordedWave;
import java.util.List;
import java.util.Optional;

/**
 * The images of a run as files: its own, or copies of what a table holds, which are removed when
 * this is closed.
 */
final class RunImages implements AutoCloseable {

  /** The setting of {@code run.json} that names the table, if there is one. */
  static final String TABLE = "table";

  private final String root;
  private final List<RecordedWave> waves;
  private final Optional<CopiedWaves> copies;
  private final Optional<EmbeddedSpark> own;

  private RunImages(
      String root,
      List<RecordedWave> waves,
      Optional<CopiedWaves> copies,
      Optional<EmbeddedSpark> own) {
    this.root = root;
    this.waves = waves;
    this.copies = copies;
    this.own = own;
  }

  /** Returns the table of a run whose images are in one. */
  static Optional<LakeTable> table(RunManifest manifest) {
    return Optional.ofNullable(manifest.settings().options().get(TABLE)).map(LakeTable::parse);
  }

  /**
   * Returns {@code settings} with those that a table asks for.
   *
   * @throws io.tandem.base.UserError if Spark would not find the table
   */
  static SessionSettings settings(SessionSettings settings, Optional<LakeTable> table) {
    SessionSettings with = settings;
    if (table.isPresent()) {
      for (String extension : table.get().extensions()) {
        with = with.plus("spark.sql.extensions", extension);
      }
      for (var each : table.get().settings().entrySet()) {
        with = with.orElse(each.getKey(), each.getValue());
      }
      table.get().checkSettings(with.values());
    }
    return with;
  }

  /**
   * Returns the images of {@code recorded} waves in a session that is open.
   *
   * @param samples only those before this one are needed
   */
  static RunImages of(
      EmbeddedSpark spark,
      RunFolder folder,
      RunManifest manifest,
      List<RecordedWave> recorded,
      long samples) {
    return of(
        copies(spark, folder, manifest, recorded, samples), folder, recorded, Optional.empty());
  }

  /**
   * Returns the images of all waves for somebody who needs no Spark; a table does.
   *
   * @param samples only those before this one are needed
   */
  static RunImages open(
      SessionSettings settings, RunFolder folder, RunManifest manifest, long samples) {
    List<RecordedWave> recorded = RecordedWaves.of(folder.records(manifest));
    Optional<LakeTable> table = table(manifest);
    if (table.isEmpty()) {
      return of(Optional.empty(), folder, recorded, Optional.empty());
    }
    EmbeddedSpark spark = EmbeddedSpark.open(settings(settings, table));
    boolean isOpen = false;
    try {
      Optional<CopiedWaves> copies = copies(spark, folder, manifest, recorded, samples);
      isOpen = true;
      return of(copies, folder, recorded, Optional.of(spark));
    } finally {
      if (!isOpen) {
        spark.close();
      }
    }
  }

  private static Optional<CopiedWaves> copies(
      EmbeddedSpark spark,
      RunFolder folder,
      RunManifest manifest,
      List<RecordedWave> recorded,
      long samples) {
    return table(manifest)
        .map(
            table ->
                CopiedWaves.of(
                    spark.session(),
                    LakeWaves.openToRead(spark.session(), table, ImagesSchema.schema()),
                    folder.root().toString(),
                    manifest.runId(),
                    recorded,
                    samples));
  }

  private static RunImages of(
      Optional<CopiedWaves> copies,
      RunFolder folder,
      List<RecordedWave> recorded,
      Optional<EmbeddedSpark> own) {
    return new RunImages(
        copies.map(CopiedWaves::root).orElse(folder.root().toString()),
        copies.map(CopiedWaves::waves).orElse(recorded),
        copies,
        own);
  }

  /** Returns the folder that has the files of {@link #waves}. */
  String root() {
    return root;
  }

  /** Returns the waves with their files. */
  List<RecordedWave> waves() {
    return waves;
  }

  @Override
  public void close() {
    copies.ifPresent(CopiedWaves::close);
    own.ifPresent(EmbeddedSpark::close);
  }
}
