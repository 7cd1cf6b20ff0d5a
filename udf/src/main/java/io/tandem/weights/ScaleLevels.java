package io.tandem.weights;

import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The scale schedule as {@code lvl_1L} tells it, the scale of each token.
 *
 * @param schedule the schedule, if there is one
 * @param fault what is wrong with it otherwise; empty if there is no {@code lvl_1L} at all
 */
record ScaleLevels(Optional<ScaleSchedule> schedule, Optional<String> fault) {

  private static final long MAX_TOKENS = 1 << 22;

  static ScaleLevels of(WeightSource source) {
    if (!source.names().contains(WeightNames.LEVELS)) {
      return new ScaleLevels(Optional.empty(), Optional.empty());
    }
    TensorSpec spec = source.spec(WeightNames.LEVELS);
    if (spec.format() != NumberFormat.INT64 || spec.numbers() == 0 || spec.numbers() > MAX_TOKENS) {
      return faulty("is " + spec.format() + " " + spec.shape() + ", expected INT64 [1, tokens]");
    }
    return of(source.read(WeightNames.LEVELS));
  }

  private static ScaleLevels of(ByteBuffer levels) {
    List<Integer> sides = new ArrayList<>();
    int tokens = 0;
    while (levels.hasRemaining()) {
      long level = levels.getLong();
      tokens++;
      boolean isLast = !levels.hasRemaining() || levels.getLong(levels.position()) != level;
      if (level != sides.size()) {
        return faulty("has value " + level + " where " + sides.size() + " is expected");
      }
      if (isLast) {
        int side = (int) Math.round(Math.sqrt(tokens));
        int before = sides.isEmpty() ? 0 : sides.get(sides.size() - 1);
        if (side * side != tokens) {
          return faulty("has " + tokens + " tokens of value " + level + ", which is no square");
        }
        if (side <= before || (before == 0 && side != 1)) {
          return faulty("has side " + side + " after side " + before + " (sides grow, from 1 on)");
        }
        sides.add(side);
        tokens = 0;
      }
    }
    return new ScaleLevels(Optional.of(new ScaleSchedule(sides)), Optional.empty());
  }

  private static ScaleLevels faulty(String found) {
    return new ScaleLevels(Optional.empty(), Optional.of(WeightNames.LEVELS + " " + found));
  }
}
