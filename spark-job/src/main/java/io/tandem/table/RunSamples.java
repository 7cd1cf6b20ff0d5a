package io.tandem.table;

import io.tandem.base.UserError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * The samples of a run in the order of their indexes, from files of recorded waves alone.
 *
 * <p>Needs no Spark: a task writes samples that follow each other, so that row groups taken by
 * their first sample are in order, and one of them at a time is all that is held. Sorting the table
 * in Spark would move every picture through its scratch files to the same end. Immutable.
 */
public final class RunSamples {

  private static final String SAMPLE_INDEX = "sample_index";
  private static final String OK = "ok";

  private static final List<String> KEYS =
      List.of(SAMPLE_INDEX, "class_id", "class_name", "status", "error");

  private static final List<String> PICTURES =
      List.of(
          SAMPLE_INDEX,
          "class_id",
          "class_name",
          "status",
          "error",
          "run_id",
          "seed",
          "image",
          "width",
          "height",
          "format",
          "pixels_sha256",
          "tokens_sha256");

  private final Configuration settings;
  private final String run;
  private final List<RecordedWave> waves;

  /** A row group and the samples in it, both ends included. */
  private record Part(Path file, int rowGroup, long first, long last) {}

  /**
   * Prepares to read.
   *
   * @param settings of Hadoop
   * @param run the folder of the run
   * @param waves those recorded
   */
  public RunSamples(Configuration settings, String run, List<RecordedWave> waves) {
    this.settings = settings;
    this.run = run;
    this.waves = waves.stream().sorted(Comparator.comparingLong(RecordedWave::first)).toList();
  }

  /**
   * Hands over the samples 0 to {@code count - 1} that have a row, in order, without pictures.
   *
   * @throws UserError if a file is missing or damaged
   */
  public void keys(long count, Consumer<SampleKey> taker) {
    read(0, count, KEYS, row -> taker.accept(key(row)));
  }

  /**
   * Hands over the pictures of samples 0 to {@code count - 1}, in order; samples that failed have
   * none.
   *
   * @throws UserError if a file is missing or damaged, or a sample that did not fail has no picture
   */
  public void pictures(long count, Consumer<PictureRow> taker) {
    read(
        0,
        count,
        PICTURES,
        row -> {
          SampleKey key = key(row);
          if (!key.isFailed()) {
            taker.accept(picture(key, row));
          }
        });
  }

  /**
   * Returns the pictures of {@code samples}, in order; those that failed or have no row are left
   * out. Only row groups between the first and the last of them are read that hold one.
   */
  public List<PictureRow> pictures(SortedSet<Long> samples) {
    List<PictureRow> pictures = new ArrayList<>();
    if (samples.isEmpty()) {
      return pictures;
    }
    for (Part part : parts(samples.first(), samples.last() + 1)) {
      if (!samples.subSet(part.first, part.last + 1).isEmpty()) {
        try (Cursor cursor = new Cursor(PICTURES)) {
          cursor.begin(part);
          for (Optional<Group> row = cursor.next(); row.isPresent(); row = cursor.next()) {
            SampleKey key = key(row.get());
            if (samples.contains(key.sampleIndex()) && !key.isFailed()) {
              pictures.add(picture(key, row.get()));
            }
          }
        }
      }
    }
    return pictures;
  }

  private void read(long first, long end, List<String> columns, Consumer<Group> taker) {
    try (Cursor cursor = new Cursor(columns)) {
      long previous = first - 1;
      for (RecordedWave wave : waves) {
        for (Part part : parts(wave, first, end)) {
          cursor.begin(part);
          for (Optional<Group> row = cursor.next(); row.isPresent(); row = cursor.next()) {
            long sample = row.get().getLong(SAMPLE_INDEX, 0);
            if (sample <= previous) {
              throw damaged(part.file, "sample " + sample + " follows sample " + previous);
            }
            previous = sample;
            if (sample < end) {
              taker.accept(row.get());
            }
          }
        }
      }
    }
  }

  private List<Part> parts(long first, long end) {
    List<Part> parts = new ArrayList<>();
    waves.forEach(wave -> parts.addAll(parts(wave, first, end)));
    return parts;
  }

  /** Returns the row groups of a wave that hold samples of a range, in order. */
  private List<Part> parts(RecordedWave wave, long first, long end) {
    List<Part> parts = new ArrayList<>();
    if (wave.end() <= first || wave.first() >= end) {
      return parts;
    }
    for (WrittenFile file : wave.images()) {
      Path path = new Path(new Path(run, TableName.IMAGES.folder(wave.wave())), file.name());
      try (ParquetRows rows = open(path)) {
        if (rows.count() != file.rows()) {
          throw damaged(
              path, "it has %d rows, its record says %d".formatted(rows.count(), file.rows()));
        }
        for (int group = 0; group < rows.rowGroups().size(); group++) {
          Part part = part(path, rows, group);
          if (part.first < wave.first() || part.last >= wave.end()) {
            throw damaged(
                path, "samples %d to %d are not of its wave".formatted(part.first, part.last));
          }
          if (part.last >= first && part.first < end) {
            parts.add(part);
          }
        }
      } catch (IOException e) {
        throw damaged(path, e);
      }
    }
    parts.sort(Comparator.comparingLong(Part::first));
    return parts;
  }

  private Part part(Path path, ParquetRows rows, int group) throws IOException {
    for (ColumnChunkMetaData column : rows.rowGroups().get(group).getColumns()) {
      Statistics<?> statistics = column.getStatistics();
      if (column.getPath().toDotString().equals(SAMPLE_INDEX)
          && statistics instanceof LongStatistics longs
          && longs.hasNonNullValue()) {
        return new Part(path, group, longs.getMin(), longs.getMax());
      }
    }
    try {
      long first = Long.MAX_VALUE;
      long last = Long.MIN_VALUE;
      for (Iterator<Group> all = rows.rows(group, List.of(SAMPLE_INDEX)); all.hasNext(); ) {
        long sample = all.next().getLong(SAMPLE_INDEX, 0);
        first = Math.min(first, sample);
        last = Math.max(last, sample);
      }
      return new Part(path, group, first, last);
    } catch (RuntimeException e) {
      throw damaged(path, e);
    }
  }

  private ParquetRows open(Path path) {
    try {
      return ParquetRows.open(settings, path);
    } catch (FileNotFoundException e) {
      throw UserError.because(e, "Cannot read '%s': a record lists it, and it is not there", path);
    } catch (IOException | RuntimeException e) {
      throw damaged(path, e);
    }
  }

  private static UserError damaged(Path file, Object found) {
    Throwable cause = found instanceof Throwable thrown ? thrown : null;
    return UserError.because(
        cause,
        "Cannot read '%s': it is damaged (%s). tandem verify tells what else is.",
        file,
        found);
  }

  private static SampleKey key(Group row) {
    String status = Cell.text(row, "status").orElse("");
    return new SampleKey(
        row.getLong(SAMPLE_INDEX, 0),
        row.getInteger("class_id", 0),
        Cell.text(row, "class_name"),
        status.equals(OK) ? Optional.empty() : Optional.of(Cell.text(row, "error").orElse(status)));
  }

  private static PictureRow picture(SampleKey key, Group row) {
    byte[] bytes =
        Cell.struct(row, "image")
            .flatMap(image -> Cell.bytes(image, "bytes"))
            .orElseThrow(
                () ->
                    UserError.of(
                        "Cannot read sample %d: it has no picture, and did not fail",
                        key.sampleIndex()));
    return new PictureRow(
        key,
        row.getString("run_id", 0),
        row.getLong("seed", 0),
        new PictureRow.Stored(
            row.getString("format", 0),
            bytes,
            row.getInteger("width", 0),
            row.getInteger("height", 0),
            row.getString("pixels_sha256", 0)),
        Cell.text(row, "tokens_sha256"));
  }

  /** Goes through row groups, whose files stay open as long as they do not change. */
  private final class Cursor implements AutoCloseable {

    private final List<String> columns;
    private Optional<ParquetRows> open = Optional.empty();
    private Path file = new Path("/");
    private Iterator<Group> rows = List.<Group>of().iterator();

    Cursor(List<String> columns) {
      this.columns = columns;
    }

    void begin(Part part) {
      if (open.isEmpty() || !file.equals(part.file)) {
        close();
        file = part.file;
        open = Optional.of(RunSamples.this.open(file));
      }
      try {
        rows = open.get().rows(part.rowGroup, columns);
      } catch (IOException | RuntimeException e) {
        throw damaged(file, e);
      }
    }

    /** Returns the next row of the row group, if there is one. */
    Optional<Group> next() {
      try {
        return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
      } catch (RuntimeException e) {
        throw damaged(file, e);
      }
    }

    @Override
    public void close() {
      rows = List.<Group>of().iterator();
      try {
        if (open.isPresent()) {
          open.get().close();
        }
      } catch (IOException e) {
        throw damaged(file, e);
      } finally {
        open = Optional.empty();
      }
    }
  }
}
