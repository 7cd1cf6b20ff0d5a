package io.tandem.table;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Compares the tables of a run with the records of its waves. */
public final class RunTables {

  /** Findings that are kept; the others are counted. */
  static final int LIMIT = 1000;

  private final SparkSession session;
  private final String run;
  private final List<RecordedWave> waves;
  private final Findings findings = new Findings(LIMIT);

  private RunTables(SparkSession session, String run, List<RecordedWave> waves) {
    this.session = session;
    this.run = run;
    this.waves = waves.stream().sorted(Comparator.comparingInt(RecordedWave::wave)).toList();
  }

  /**
   * Reads all files of {@code waves} to the last byte, each in a task that holds a row group at a
   * time, and returns everything that is wrong:
   *
   * <ul>
   *   <li>files that are missing, are of another length, write or wave than their record says, or
   *       that no record knows, as far as readers of a table see them;
   *   <li>bytes that changed since the files were written, wherever they are: pages have checksums,
   *       their headers are compared with the footer, and the footer with its digest in the record;
   *   <li>samples that are missing, are there twice or are in a wave that is not theirs, and
   *       samples up to the last one that no record has;
   *   <li>rows whose class is not that of the plan, whose digests are not those of their picture or
   *       tokens, or whose place in the batch is not that of their index;
   *   <li>times below zero, and batches of one table that the other lacks.
   * </ul>
   *
   * <p>No finding ends the check; what cannot be read at all is a finding too. A JPEG file does not
   * give back the pixels that its digest is of, so that it is decoded and measured only.
   *
   * @param run the folder of the run
   * @param classes what the plan says; goes to all tasks
   */
  public static CheckedTables check(
      SparkSession session, String run, List<RecordedWave> waves, ClassOfSample classes) {
    return new RunTables(session, run, waves).check(classes);
  }

  private CheckedTables check(ClassOfSample classes) {
    List<FileReport> reports = reports(classes);
    checkUnlisted();
    checkWaves();
    Map<Integer, List<FileReport>> byWave =
        reports.stream().collect(Collectors.groupingBy(report -> report.task.wave()));
    for (RecordedWave wave : waves) {
      List<FileReport> ofWave = byWave.getOrDefault(wave.wave(), List.of());
      ofWave.forEach(report -> findings.addAll(report.findings));
      checkSamples(wave, ofWave);
      checkBatches(wave, ofWave);
    }
    return new CheckedTables(
        reports.size(),
        reports.stream().mapToLong(report -> report.rows).sum(),
        reports.stream().mapToLong(report -> report.pictures).sum(),
        findings.total(),
        findings.first(),
        reports.stream()
            .filter(report -> !report.complete)
            .map(report -> report.task.path())
            .collect(Collectors.toSet()));
  }

  private List<FileReport> reports(ClassOfSample classes) {
    List<FileTask> tasks = new ArrayList<>();
    for (RecordedWave wave : waves) {
      for (TableName table : TableName.values()) {
        for (WrittenFile file : wave.files(table)) {
          tasks.add(new FileTask(table, wave.wave(), wave.samples(), file, run));
        }
      }
    }
    if (tasks.isEmpty()) {
      return List.of();
    }
    return JavaSparkContext.fromSparkContext(session.sparkContext())
        .parallelize(tasks, tasks.size())
        .map(new FileCheck(HadoopSettings.of(session), classes))
        .collect();
  }

  /** Notes what readers of the tables see besides the files that are recorded. */
  private void checkUnlisted() {
    Map<Integer, RecordedWave> recorded =
        waves.stream().collect(Collectors.toMap(RecordedWave::wave, Function.identity()));
    for (TableName table : TableName.values()) {
      Map<String, RecordedWave> folders = new TreeMap<>();
      recorded.values().forEach(wave -> folders.put(table.folder(wave.wave()), wave));
      for (FileStatus entry : visible(table.toString())) {
        String path = table + "/" + entry.getPath().getName();
        if (!folders.containsKey(path)) {
          findings.add(new Finding(Finding.NONE, path, Finding.NONE, "no record knows it"));
        }
      }
      folders.forEach((path, wave) -> checkUnlisted(table, path, wave));
    }
  }

  private void checkUnlisted(TableName table, String path, RecordedWave wave) {
    Set<String> names =
        wave.files(table).stream().map(WrittenFile::name).collect(Collectors.toSet());
    for (FileStatus entry : visible(path)) {
      if (!names.contains(entry.getPath().getName())) {
        String file = path + "/" + entry.getPath().getName();
        findings.add(new Finding(wave.wave(), file, Finding.NONE, "no record knows it"));
      }
    }
  }

  private List<FileStatus> visible(String path) {
    Path folder = new Path(run, path);
    try {
      FileSystem files = folder.getFileSystem(session.sparkContext().hadoopConfiguration());
      return Arrays.stream(files.listStatus(folder))
          .filter(status -> WaveFolder.visible(status.getPath().getName()))
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkWaves() {
    List<SampleRange> samples = waves.stream().map(RecordedWave::samples).toList();
    long end = samples.stream().mapToLong(SampleRange::end).max().orElse(0);
    RangeSet.repeated(
        samples,
        twice ->
            findings.add(
                new Finding(
                    Finding.NONE,
                    "",
                    twice.first(),
                    "samples " + twice + " are in the records of two waves")));
    if (end > 0) {
      RangeSet.missing(
          List.of(new SampleRange(0, end)),
          samples,
          gap ->
              findings.add(
                  new Finding(
                      Finding.NONE,
                      "",
                      gap.first(),
                      "samples " + gap + " are in the record of no wave")));
    }
  }

  private void checkSamples(RecordedWave wave, List<FileReport> reports) {
    List<SampleRange> samples =
        reports.stream().flatMap(report -> report.samples.stream()).toList();
    RangeSet.repeated(
        samples,
        twice ->
            findings.add(
                new Finding(
                    wave.wave(),
                    filesWith(twice, reports),
                    twice.first(),
                    rows(twice, "there twice"))));
    RangeSet.missing(
        List.of(wave.samples()),
        samples,
        gap -> findings.add(new Finding(wave.wave(), "", gap.first(), rows(gap, "in no file"))));
  }

  private static String rows(SampleRange samples, String where) {
    return samples.count() == 1 ? "it is " + where : "samples " + samples + " are " + where;
  }

  private static String filesWith(SampleRange samples, List<FileReport> reports) {
    Set<String> names = new HashSet<>();
    for (FileReport report : reports) {
      for (SampleRange range : report.samples) {
        if (range.first() < samples.end() && samples.first() < range.end()) {
          names.add(report.task.path());
        }
      }
    }
    return names.stream().sorted().collect(Collectors.joining(", "));
  }

  /** Compares the batches of both tables, if all rows of both could be read. */
  private void checkBatches(RecordedWave wave, List<FileReport> reports) {
    if (!reports.stream().allMatch(report -> report.complete)) {
      return;
    }
    List<SampleRange> images = batches(reports, TableName.IMAGES);
    List<SampleRange> latency = batches(reports, TableName.LATENCY);
    RangeSet.missing(
        latency,
        images,
        lone -> findBatch(wave, "latency of " + batches(lone) + " without images"));
    RangeSet.missing(
        images,
        latency,
        lone -> findBatch(wave, "images of " + batches(lone) + " without latency"));
    RangeSet.repeated(
        ofTable(reports, TableName.LATENCY),
        twice -> findBatch(wave, "latency of " + batches(twice) + " is there twice"));
  }

  private static String batches(SampleRange range) {
    return (range.count() == 1 ? "batch " : "batches ") + range;
  }

  private void findBatch(RecordedWave wave, String what) {
    findings.add(new Finding(wave.wave(), "", Finding.NONE, what));
  }

  private static List<SampleRange> batches(List<FileReport> reports, TableName table) {
    return RangeSet.merged(ofTable(reports, table));
  }

  private static List<SampleRange> ofTable(List<FileReport> reports, TableName table) {
    return reports.stream()
        .filter(report -> report.task.table() == table)
        .flatMap(report -> report.batches.stream())
        .toList();
  }
}
