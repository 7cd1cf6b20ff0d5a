package io.tandem.table;

import io.tandem.executor.BlockSums;
import io.tandem.scores.InceptionScore;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;

/** A block of samples whose features are to be summed. */
final class BlockTask implements Serializable {

  private static final long serialVersionUID = 1L;

  private final String folder;
  private final ArrayList<String> files;
  private final ArrayList<String> sums;
  private final int first;
  private final ArrayList<BlockSums.ScoreOf> score;

  /**
   * Makes a task.
   *
   * @param files of the chunks of the block
   * @param sums files that moments are written to: of the features, and of the tap if it is wanted
   * @param first place of its first usable sample in the set
   * @param score that it is to give a part of
   */
  BlockTask(
      String folder,
      List<String> files,
      List<String> sums,
      int first,
      Optional<BlockSums.ScoreOf> score) {
    this.folder = folder;
    this.files = new ArrayList<>(files);
    this.sums = new ArrayList<>(sums);
    this.first = first;
    this.score = new ArrayList<>(score.stream().toList());
  }

  /** Writes the moments that are not there, and returns the part of the score. */
  static final class Sums implements FlatMapFunction<BlockTask, InceptionScore> {

    private static final long serialVersionUID = 1L;

    private static final List<String> COLUMNS = List.of("features", "spatial");

    private final HadoopSettings settings;

    Sums(HadoopSettings settings) {
      this.settings = settings;
    }

    @Override
    public Iterator<InceptionScore> call(BlockTask task) throws IOException {
      for (int i = 0; i < task.sums.size(); i++) {
        Path sums = new Path(task.folder, task.sums.get(i));
        FileSystem system = sums.getFileSystem(settings.get());
        if (!system.exists(sums)) {
          byte[] moments = BlockSums.moments(vectors(task, COLUMNS.get(i)));
          ChunkWriter.put(settings.get(), sums, moments);
        }
      }
      List<InceptionScore> parts = new ArrayList<>();
      for (BlockSums.ScoreOf score : task.score) {
        parts.add(BlockSums.score(score, task.first, vectors(task, "logits")));
      }
      return parts.iterator();
    }

    private List<float[]> vectors(BlockTask task, String column) throws IOException {
      List<float[]> vectors = new ArrayList<>();
      for (String file : task.files) {
        try (ParquetRows rows = ParquetRows.open(settings.get(), new Path(task.folder, file))) {
          ChunkFacts.forEachVector(rows, column, vectors::add);
        }
      }
      return vectors;
    }
  }
}
