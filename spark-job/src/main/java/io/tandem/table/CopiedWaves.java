package io.tandem.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Waves of a run whose images are in a table, copied into files as {@link WaveTables} writes them,
 * for those who read files. They lie in a hidden folder inside that of the run, which all executors
 * see, until this is closed.
 */
public final class CopiedWaves implements AutoCloseable {

  private final Path root;
  private final FileSystem system;
  private final List<RecordedWave> waves = new ArrayList<>();

  private CopiedWaves(Path root, FileSystem system) {
    this.root = root;
    this.system = system;
  }

  /**
   * Copies waves, one after another; the caller closes the result.
   *
   * @param table where their images are
   * @param run the folder of the run, where their times are
   * @param runId name of the run
   * @param waves those recorded
   * @param samples only those before this one
   */
  public static CopiedWaves of(
      SparkSession session,
      LakeWaves table,
      String run,
      String runId,
      List<RecordedWave> waves,
      long samples) {
    Path root = new Path(run, "_read-" + UUID.randomUUID());
    try {
      Configuration settings = session.sparkContext().hadoopConfiguration();
      CopiedWaves copies = new CopiedWaves(root, root.getFileSystem(settings));
      WaveTables tables = new WaveTables(session, root.toString(), runId);
      boolean isDone = false;
      try {
        for (RecordedWave wave : waves) {
          if (wave.first() < samples) {
            copies.add(tables, table, new Path(run), runId, wave, samples);
          }
        }
        isDone = true;
        return copies;
      } finally {
        if (!isDone) {
          copies.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(
      WaveTables tables, LakeWaves table, Path run, String runId, RecordedWave wave, long samples)
      throws IOException {
    long end = Math.min(wave.end(), samples);
    WaveOfRun there = new WaveOfRun(runId, wave.wave(), new SampleRange(wave.first(), end));
    WrittenImages images =
        tables.writeImages(table.rows(there, end), wave.wave(), UUID.randomUUID().toString());
    Path times = new Path(TableName.LATENCY.folder(wave.wave()));
    for (WrittenFile file : wave.latency()) {
      Path source = new Path(new Path(run, times), file.name());
      if (system.exists(source)) {
        system.mkdirs(new Path(root, times));
        FileUtil.copy(
            system,
            source,
            system,
            new Path(new Path(root, times), file.name()),
            false,
            system.getConf());
      }
    }
    waves.add(new RecordedWave(wave.wave(), wave.first(), end, images.files(), wave.latency()));
  }

  /** Returns the folder that stands for that of the run. */
  public String root() {
    return root.toString();
  }

  /** Returns the waves as they are there. */
  public List<RecordedWave> waves() {
    return List.copyOf(waves);
  }

  @Override
  public void close() {
    try {
      system.delete(root, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
