package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.executor.BlockSums;
import io.tandem.executor.FeatureSpec;
import io.tandem.features.FeatureIdentity;
import io.tandem.fid.FeatureMoments;
import io.tandem.fid.MomentBlocks;
import io.tandem.scores.InceptionScore;
import io.tandem.store.FileSystems;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Features that were computed before, and their sums, in a folder of any file system: a Parquet
 * file for each chunk of samples and a file of moments for each block of {@link
 * MomentBlocks#LENGTH}.
 *
 * <p>Names say all that decides the content: the folder, the weights and the profile; a file, which
 * samples and the fingerprint of their pictures. So whatever is there can be used, files that
 * nobody asks for do no harm, and an evaluation that was killed goes on where it was. Files appear
 * complete. Thread-safe.
 */
public final class FeatureStore {

  private static final String VERSION = "1";
  private static final String SPATIAL = "-spatial";
  private static final int CHUNKS_OF_BLOCK = MomentBlocks.LENGTH / FeatureSpec.CHUNK;

  private final SparkSession session;
  private final Path folder;
  private final FeatureSpec.Taps taps;
  private final Configuration settings;

  private FeatureStore(SparkSession session, Path folder, FeatureSpec.Taps taps) {
    this.session = session;
    this.folder = folder;
    this.taps = taps;
    this.settings = session.sparkContext().hadoopConfiguration();
  }

  /**
   * Opens the store of one network and profile; made by the first write.
   *
   * @param place folder of all stores
   * @param colours what became of grey pictures
   * @param taps what features are wanted; more may be there
   */
  public static FeatureStore open(
      SparkSession session,
      String place,
      FeatureIdentity identity,
      FeatureSpec.Colours colours,
      FeatureSpec.Taps taps) {
    String key =
        String.join(
            "\n",
            VERSION,
            identity.network(),
            identity.weightsSha256(),
            identity.profile().label(),
            colours.name());
    String name =
        identity.profile().label().replaceAll("[^a-z0-9.-]", "-")
            + "-"
            + Sha256.of(key.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    return new FeatureStore(session, new Path(place, name), taps);
  }

  /** Returns the folder. */
  public String folder() {
    return folder.toString();
  }

  /**
   * Passes if files can be made in it.
   *
   * @throws UserError otherwise
   */
  public void checkIsWritable() {
    Path probe = new Path(folder, "_probe");
    try {
      FileSystem system = FileSystems.of(folder, settings);
      system.mkdirs(folder);
      system.create(probe, true).close();
      system.delete(probe, false);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot keep features in '%s': %s. Pass --cache PATH.", folder, e);
    }
  }

  /**
   * The files of the features of a set, by chunk.
   *
   * @param files names of files in the store
   * @param missing chunks that have none
   */
  public record Found(SortedMap<Long, String> files, SortedSet<Long> missing) {}

  /** Returns which of {@code chunks} are there, each with the fingerprint of its pictures. */
  public Found find(SortedMap<Long, String> chunks) {
    Set<String> names = names();
    SortedMap<Long, String> files = new TreeMap<>();
    SortedSet<Long> missing = new TreeSet<>();
    chunks.forEach(
        (chunk, fingerprint) -> {
          String plain = file(chunk, fingerprint, FeatureSpec.Taps.FEATURES);
          String spatial = file(chunk, fingerprint, FeatureSpec.Taps.FEATURES_AND_SPATIAL);
          if (names.contains(spatial)) {
            files.put(chunk, spatial);
          } else if (taps == FeatureSpec.Taps.FEATURES && names.contains(plain)) {
            files.put(chunk, plain);
          } else {
            missing.add(chunk);
          }
        });
    return new Found(files, missing);
  }

  private static String file(long chunk, String fingerprint, FeatureSpec.Taps taps) {
    return "chunk-%d-%s%s.parquet"
        .formatted(chunk, fingerprint, taps == FeatureSpec.Taps.FEATURES ? "" : SPATIAL);
  }

  private Set<String> names() {
    Set<String> names = new HashSet<>();
    try {
      RemoteIterator<FileStatus> files =
          FileSystems.of(folder, settings).listStatusIterator(folder);
      while (files.hasNext()) {
        names.add(files.next().getPath().getName());
      }
    } catch (FileNotFoundException e) {
      return names;
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read features in '%s': %s", folder, e);
    }
    return names;
  }

  /**
   * Writes a file for each chunk as soon as it is complete.
   *
   * @param features rows of {@link io.tandem.executor.FeaturesSchema}; each partition has whole
   *     chunks in the order of samples
   * @param fingerprints of the pictures, by chunk
   */
  public void write(Dataset<Row> features, SortedMap<Long, String> fingerprints) {
    TreeMap<Long, String> files = new TreeMap<>();
    fingerprints.forEach((chunk, fingerprint) -> files.put(chunk, file(chunk, fingerprint, taps)));
    ChunkWriter writer = new ChunkWriter(HadoopSettings.of(session), folder.toString(), files);
    long written =
        features.mapPartitions(writer, Encoders.LONG()).toJavaRDD().map(chunk -> 1L).count();
    if (written == 0) {
      throw new IllegalStateException("No features were written to " + folder);
    }
  }

  /** Returns what is known of the samples of each chunk but its features, in order. */
  public List<ChunkFacts> facts(Found found) {
    List<ChunkFacts.Task> tasks = new ArrayList<>();
    found.files.forEach(
        (chunk, file) -> tasks.add(new ChunkFacts.Task(chunk, new Path(folder, file).toString())));
    return List.copyOf(
        context()
            .parallelize(tasks, partitions(tasks.size()))
            .map(new ChunkFacts.Reader(HadoopSettings.of(session)))
            .collect());
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  private int partitions(int tasks) {
    return Math.max(1, Math.min(tasks, 16 * session.sparkContext().defaultParallelism()));
  }

  /**
   * Computes what is summed over samples: the moments that are not there yet, and the parts of an
   * Inception Score.
   *
   * @param facts of the same chunks
   * @param score none if no score is wanted
   * @return the parts of the score, in the order of samples
   */
  public List<InceptionScore> sum(
      Found found, List<ChunkFacts> facts, Optional<BlockSums.ScoreOf> score) {
    Set<String> names = names();
    List<BlockTask> tasks = new ArrayList<>();
    int first = 0;
    SortedMap<Long, List<String>> blocks = blocks(found);
    TreeMap<Long, Integer> usable = new TreeMap<>();
    facts.forEach(
        each -> usable.merge(each.chunk() / CHUNKS_OF_BLOCK, each.usable(), Integer::sum));
    for (var block : blocks.entrySet()) {
      int count = usable.getOrDefault(block.getKey(), 0);
      if (count > 0) {
        List<String> sums = sums(block.getKey(), block.getValue());
        if (score.isPresent() || !names.containsAll(sums)) {
          tasks.add(new BlockTask(folder.toString(), block.getValue(), sums, first, score));
        }
        first += count;
      }
    }
    return tasks.isEmpty()
        ? List.of()
        : context()
            .parallelize(tasks, partitions(tasks.size()))
            .flatMap(new BlockTask.Sums(HadoopSettings.of(session)))
            .collect();
  }

  private static SortedMap<Long, List<String>> blocks(Found found) {
    SortedMap<Long, List<String>> blocks = new TreeMap<>();
    found.files.forEach(
        (chunk, file) ->
            blocks.computeIfAbsent(chunk / CHUNKS_OF_BLOCK, key -> new ArrayList<>()).add(file));
    return blocks;
  }

  /** Returns the names of the moments of a block: of the features, then of the tap. */
  private List<String> sums(long block, List<String> files) {
    String digest = PictureRows.fingerprint(files);
    List<String> names = new ArrayList<>();
    names.add("moments-%d-%s.bin".formatted(block, digest));
    if (taps == FeatureSpec.Taps.FEATURES_AND_SPATIAL) {
      names.add("moments-%d-%s%s.bin".formatted(block, digest, SPATIAL));
    }
    return names;
  }

  /** What moments are of. */
  public enum Tap {
    FEATURES,
    SPATIAL
  }

  /** Returns the moments of the blocks with usable samples, in order, one in memory at a time. */
  public List<MomentFile> moments(Found found, List<ChunkFacts> facts, Tap tap) {
    Set<Long> used = new HashSet<>();
    facts.stream()
        .filter(each -> each.usable() > 0)
        .forEach(each -> used.add(each.chunk() / CHUNKS_OF_BLOCK));
    List<MomentFile> files = new ArrayList<>();
    blocks(found)
        .forEach(
            (block, names) -> {
              if (used.contains(block)) {
                files.add(new MomentFile(sums(block, names).get(tap == Tap.FEATURES ? 0 : 1)));
              }
            });
    return files;
  }

  /** Moments of a block in a file. */
  public final class MomentFile {

    private final String name;

    private MomentFile(String name) {
      this.name = name;
    }

    /**
     * Reads them.
     *
     * @throws UserError if the file is damaged
     */
    public FeatureMoments read() {
      Path path = new Path(folder, name);
      try (FSDataInputStream in = path.getFileSystem(settings).open(path)) {
        return FeatureMoments.ofBytes(in.readAllBytes());
      } catch (UserError e) {
        throw UserError.because(e, "Cannot use '%s': %s Remove it.", path, e.getMessage());
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read '" + path + "'", e);
      }
    }
  }

  /** Hands over the features of all usable samples, in order. */
  public void forEachVector(Found found, Tap tap, Consumer<float[]> consumer) {
    String column = tap == Tap.FEATURES ? "features" : "spatial";
    for (String file : found.files.values()) {
      Path path = new Path(folder, file);
      try (ParquetRows rows = ParquetRows.open(settings, path)) {
        ChunkFacts.forEachVector(rows, column, consumer);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read '" + path + "'", e);
      }
    }
  }

  /** Returns the moments of all blocks added up in order. */
  public static FeatureMoments total(List<MomentFile> blocks) {
    check(!blocks.isEmpty(), "Cannot add up the moments of no samples (at least one)");
    return FeatureMoments.sum(() -> iterator(blocks));
  }

  /** Returns the moments block by block. */
  public static Iterator<FeatureMoments> iterator(List<MomentFile> blocks) {
    return blocks.stream().map(MomentFile::read).iterator();
  }
}
