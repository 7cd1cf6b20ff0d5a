package io.tandem.run;

import java.io.Serializable;
import java.util.List;

/**
 * The files of a wave, each list without duplicates.
 *
 * @param images in {@code images/wave=N}; none if the images are in a table
 * @param latency in {@code latency/wave=N}; none if no times were taken
 * @param home where the images are
 */
public record WaveFiles(List<DataFile> images, List<DataFile> latency, Home home)
    implements Serializable {

  /** Where the images of a wave are. */
  public enum Home {
    /** In files of the run. */
    FILES,
    /** In a table that many runs may share, which keeps its files itself. */
    TABLE
  }

  /** Files of a wave whose images are among them. */
  public WaveFiles(List<DataFile> images, List<DataFile> latency) {
    this(images, latency, Home.FILES);
  }

  /** Returns the files of a wave whose images are in a table. */
  public static WaveFiles besideTable(List<DataFile> latency) {
    return new WaveFiles(List.of(), latency, Home.TABLE);
  }

  public WaveFiles {
    images = List.copyOf(images);
    latency = List.copyOf(latency);
    DataFile.rows(images);
    DataFile.rows(latency);
  }

  /** Returns the bytes of all files together. */
  public long bytes() {
    long bytes = 0;
    for (List<DataFile> files : List.of(images, latency)) {
      for (DataFile file : files) {
        bytes += file.bytes();
      }
    }
    return bytes;
  }
}
