package io.tandem.pack;

import io.tandem.model.ScaleSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of the held-out pictures.
 *
 * @param schedule of their scales
 * @param pictures tokens [L] of each picture, coarse to fine
 */
record HeldOutTokens(ScaleSchedule schedule, List<int[]> pictures) {

  static HeldOutTokens of(ScaleSchedule schedule, List<ReconstructionPart> parts) {
    return new HeldOutTokens(
        schedule, parts.stream().flatMap(part -> part.tokens().stream()).toList());
  }

  /** Returns the token maps of some consecutive pictures by scale, B x l ids each, row-major. */
  List<long[]> maps(int first, int end) {
    List<long[]> maps = new ArrayList<>();
    for (int scale = 0; scale < schedule.scales(); scale++) {
      int offset = schedule.offset(scale);
      int length = schedule.tokens(scale);
      maps.add(
          IntStream.range(first, end)
              .flatMap(i -> IntStream.range(0, length).map(k -> pictures.get(i)[offset + k]))
              .asLongStream()
              .toArray());
    }
    return maps;
  }
}
