package io.tandem.table;

import java.util.List;

/**
 * The latency of a wave as it lies in its folder.
 *
 * @param files the files of this write, by name
 * @param removed what was removed from the folder because this write did not make it, as paths
 *     relative to the folder
 */
public record WrittenLatency(List<WrittenFile> files, List<String> removed) {

  public WrittenLatency {
    files = List.copyOf(files);
    removed = List.copyOf(removed);
  }

  /** Returns the number of rows. */
  public long rows() {
    return files.stream().mapToLong(WrittenFile::rows).sum();
  }
}
