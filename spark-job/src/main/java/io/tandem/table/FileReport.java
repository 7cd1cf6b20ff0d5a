package io.tandem.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What one file holds, as far as it could be read. */
final class FileReport implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Findings that a file may bring up; the others are counted. */
  private static final int LIMIT = 100;

  final FileTask task;
  final Findings findings = new Findings(LIMIT);
  final ArrayList<SampleRange> samples = new ArrayList<>();
  final ArrayList<SampleRange> batches = new ArrayList<>();
  long rows;
  long pictures;

  /** Whether all rows could be read. */
  boolean complete;

  FileReport(FileTask task) {
    this.task = task;
  }

  void found(String what) {
    foundAt(Finding.NONE, what);
  }

  void foundAt(long sample, String what) {
    findings.add(new Finding(task.wave(), task.path(), sample, what));
  }

  void ranges(List<SampleRange> ofSamples, List<SampleRange> ofBatches) {
    samples.addAll(ofSamples);
    batches.addAll(ofBatches);
  }
}
