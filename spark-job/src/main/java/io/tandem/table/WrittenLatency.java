package io.tandem.table;

import java.util.List;

/**
 * The latency of a wave as it lies in its folder.
 *
 * @param files the files of this write, by name
 * @param removed what was removed from the folder because this write did not make it, as paths
 *     relative to the folder
 * @param workNanos time that all slots together spent on the batches of the wave
 */
public record WrittenLatency(List<WrittenFile> files, List<String> removed, long workNanos) {

  /** Of a wave whose times were not taken. */
  public static final WrittenLatency NONE = new WrittenLatency(List.of(), List.of(), 0);

  public WrittenLatency {
    files = List.copyOf(files);
    removed = List.copyOf(removed);
  }

  /** Returns the number of rows. */
  public long rows() {
    return files.stream().mapToLong(WrittenFile::rows).sum();
  }
}
