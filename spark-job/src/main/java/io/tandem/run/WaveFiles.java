package io.tandem.run;

import java.io.Serializable;
import java.util.List;

/**
 * The files of a wave, each list without duplicates.
 *
 * @param images in {@code images/wave=N}
 * @param latency in {@code latency/wave=N}; none if no times were taken
 */
public record WaveFiles(List<DataFile> images, List<DataFile> latency) implements Serializable {

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
