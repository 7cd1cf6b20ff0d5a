package io.tandem.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which numbers of a storage a tensor consists of.
 *
 * @param offset position of the first number
 * @param shape sizes, outermost first
 * @param strides distance between neighbours along each axis, in numbers
 */
record StridedView(long offset, List<Long> shape, List<Long> strides) {

  private record Axis(long size, long stride) {}

  /**
   * Returns what is wrong with this view of a storage of {@code numbers} numbers, if anything: it
   * must stay inside, and its strides must be positive and must not overlap.
   */
  Optional<String> fault(long numbers) {
    if (shape.size() != strides.size()) {
      return Optional.of("has shape " + shape + " but strides " + strides);
    }
    if (shape.stream().anyMatch(size -> size < 0)) {
      return Optional.of("has a negative size, shape " + shape);
    }
    if (strides.stream().anyMatch(stride -> stride < 0)) {
      return Optional.of("has negative strides, " + strides);
    }
    if (offset < 0) {
      return Optional.of("starts at number " + offset + " of its storage");
    }
    try {
      long count = count();
      long first = Math.subtractExact(offset, count == 0 ? 1 : 0);
      long last = count == 0 ? first : last();
      if (last >= numbers) {
        return Optional.of(
            "reaches number " + last + " of its storage, which has only " + numbers + " numbers");
      }
    } catch (ArithmeticException e) {
      return Optional.of(
          "has shape " + shape + " and strides " + strides + ", beyond 2^63 numbers");
    }
    return overlaps()
        ? Optional.of("has overlapping strides, " + strides + " for shape " + shape)
        : Optional.empty();
  }

  /** Returns how many numbers the tensor has. */
  long count() {
    long count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /** Returns how many numbers of the storage lie from the first to the last one. */
  long span() {
    return count() == 0 ? 0 : last() - offset + 1;
  }

  /** Returns whether the numbers lie row-major without gaps. */
  boolean isContiguous() {
    long expected = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      if (shape.get(axis) != 1 && strides.get(axis) != expected) {
        return count() == 0;
      }
      expected *= shape.get(axis);
    }
    return true;
  }

  /**
   * Returns a direct row-major copy of the numbers.
   *
   * @param stored the storage from {@link #offset} on, {@link #span} numbers
   * @param width bytes of a number: 1, 2, 4 or 8
   */
  ByteBuffer gather(ByteBuffer stored, int width) {
    ByteBuffer target =
        ByteBuffer.allocateDirect(Math.toIntExact(count() * width)).order(ByteOrder.LITTLE_ENDIAN);
    if (count() > 0) {
      gather(stored, target, width, 0, 0);
    }
    return target.flip();
  }

  private void gather(ByteBuffer stored, ByteBuffer target, int width, int axis, int position) {
    if (axis == shape.size()) {
      copy(stored, target, width, position, 1, 0);
      return;
    }
    int size = Math.toIntExact(shape.get(axis));
    int stride = size == 1 ? 0 : Math.toIntExact(strides.get(axis));
    if (axis == shape.size() - 1) {
      copy(stored, target, width, position, size, stride);
      return;
    }
    for (int i = 0; i < size; i++) {
      gather(stored, target, width, axis + 1, position + i * stride);
    }
  }

  /** Copies a run of {@code count} numbers, {@code stride} apart. */
  private static void copy(
      ByteBuffer stored, ByteBuffer target, int width, int first, int count, int stride) {
    int from = first * width;
    int step = stride * width;
    for (int i = 0; i < count; i++, from += step) {
      switch (width) {
        case 1 -> target.put(stored.get(from));
        case 2 -> target.putShort(stored.getShort(from));
        case 4 -> target.putInt(stored.getInt(from));
        default -> target.putLong(stored.getLong(from));
      }
    }
  }

  private long last() {
    long last = offset;
    for (int axis = 0; axis < shape.size(); axis++) {
      if (shape.get(axis) > 1) {
        long steps = Math.multiplyExact(shape.get(axis) - 1, strides.get(axis));
        last = Math.addExact(last, steps);
      }
    }
    return last;
  }

  /** A view is free of overlaps if each stride is longer than all that the finer axes span. */
  private boolean overlaps() {
    List<Axis> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      if (shape.get(axis) > 1) {
        axes.add(new Axis(shape.get(axis), strides.get(axis)));
      }
    }
    axes.sort(Comparator.comparingLong(Axis::stride));
    long reach = 0;
    for (Axis axis : axes) {
      if (axis.stride <= reach) {
        return true;
      }
      reach += (axis.size - 1) * axis.stride;
    }
    return false;
  }
}
