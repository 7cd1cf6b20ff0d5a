package io.tandem.table;

import java.util.List;

/**
 * What the record of a committed wave says.
 *
 * @param wave its number
 * @param first index of its first sample
 * @param end index after its last sample
 * @param images the files of {@code images/wave=N}
 * @param latency the files of {@code latency/wave=N}
 */
public record RecordedWave(
    int wave, long first, long end, List<WrittenFile> images, List<WrittenFile> latency) {

  public RecordedWave {
    if (wave < 0 || first < 0 || end <= first) {
      throw new IllegalArgumentException(
          "Wave %d cannot hold samples %d to %d".formatted(wave, first, end - 1));
    }
    images = List.copyOf(images);
    latency = List.copyOf(latency);
  }

  SampleRange samples() {
    return new SampleRange(first, end);
  }

  List<WrittenFile> files(TableName table) {
    return table == TableName.IMAGES ? images : latency;
  }
}
