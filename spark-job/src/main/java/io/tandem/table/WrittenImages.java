package io.tandem.table;

import java.util.List;

/**
 * The images of a wave as they lie in its folder.
 *
 * @param files the files of this write, by name
 * @param samples the indexes of their rows in ascending order; of all files in the order of their
 *     first rows, so that a sample that is there twice is in two ranges
 * @param failed rows without an image, because it could not be made
 * @param removed what was removed from the folder because this write did not make it, as paths
 *     relative to the folder
 */
public record WrittenImages(
    List<WrittenFile> files, List<SampleRange> samples, long failed, List<String> removed) {

  public WrittenImages {
    files = List.copyOf(files);
    samples = List.copyOf(samples);
    removed = List.copyOf(removed);
  }

  /** Returns the number of rows. */
  public long rows() {
    return files.stream().mapToLong(WrittenFile::rows).sum();
  }

  /** Returns whether the rows are those of samples {@code first} to {@code end - 1}, each once. */
  public boolean hold(long first, long end) {
    return rows() == end - first
        && RangeSet.merged(samples).equals(List.of(new SampleRange(first, end)));
  }
}
