package io.tandem.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How fast images came, over the time that was spent on them: the pauses between starts of a run
 * are cut out.
 *
 * @param stretches times without a pause, in order
 */
public record Throughput(List<Stretch> stretches) {

  /** Points of all stretches together, more or less. */
  private static final int POINTS = 60;

  /** Batches or waves that a point should have, so that it says something. */
  private static final int DONE_PER_POINT = 3;

  /** A pause is at least so long, and so many times as long as is usual between two batches. */
  private static final double PAUSE_SECONDS = 120;

  private static final double PAUSE_INTERVALS = 20;

  private static final double NANOS_PER_SECOND = 1e9;

  public Throughput {
    stretches = List.copyOf(stretches);
  }

  /**
   * A time without a pause.
   *
   * @param points in order
   */
  public record Stretch(List<Point> points) {

    public Stretch {
      points = List.copyOf(points);
    }
  }

  /**
   * What came in a part of the time.
   *
   * @param seconds middle of the part, in time spent since the first image was begun
   * @param imagesPerSecond in the part
   */
  public record Point(double seconds, double imagesPerSecond) {}

  /**
   * Images that were done together.
   *
   * @param endSeconds when, since any time
   * @param seconds that they took
   * @param images how many
   */
  record Done(double endSeconds, double seconds, long images) {

    static Done ofNanos(long endMicros, long nanos, long images) {
      return new Done(endMicros / 1e6, nanos / NANOS_PER_SECOND, images);
    }
  }

  /** Returns the throughput of what was done, in any order. */
  static Throughput of(List<Done> done) {
    List<Done> sorted = new ArrayList<>(done);
    sorted.sort(Comparator.comparingDouble(Done::endSeconds));
    if (sorted.isEmpty()) {
      return new Throughput(List.of());
    }
    double[] intervals = new double[sorted.size() - 1];
    for (int i = 0; i < intervals.length; i++) {
      intervals[i] = sorted.get(i + 1).endSeconds - sorted.get(i).endSeconds;
    }
    Arrays.sort(intervals);
    double usual = intervals.length == 0 ? 0 : intervals[intervals.length / 2];
    List<List<Done>> parts = cut(sorted, Math.max(PAUSE_SECONDS, PAUSE_INTERVALS * usual));
    double active = parts.stream().mapToDouble(Throughput::length).sum();
    double width = active / Math.max(1, Math.min(POINTS, sorted.size() / DONE_PER_POINT));
    List<Stretch> stretches = new ArrayList<>();
    double spent = 0;
    for (List<Done> part : parts) {
      stretches.add(stretch(part, spent, width));
      spent += length(part);
    }
    return new Throughput(stretches);
  }

  private static List<List<Done>> cut(List<Done> sorted, double pause) {
    List<List<Done>> parts = new ArrayList<>();
    double last = Double.NEGATIVE_INFINITY;
    for (Done each : sorted) {
      if (each.endSeconds - each.seconds - last > pause) {
        parts.add(new ArrayList<>());
      }
      parts.get(parts.size() - 1).add(each);
      last = each.endSeconds;
    }
    return parts;
  }

  private static double begin(List<Done> part) {
    return part.get(0).endSeconds - part.get(0).seconds;
  }

  private static double length(List<Done> part) {
    return part.get(part.size() - 1).endSeconds - begin(part);
  }

  /** Adds images to the parts of time in which they were made, in equal measure. */
  private static void spread(Done done, double begin, double width, double[] images) {
    double end = (done.endSeconds - begin) / width;
    double start = Math.max(0, end - done.seconds / width);
    int last = Math.min(images.length - 1, Math.max(0, (int) Math.ceil(end) - 1));
    int first = Math.min(last, (int) start);
    if (end <= start) {
      images[last] += done.images;
      return;
    }
    for (int i = first; i <= last; i++) {
      double until = i == last ? end : i + 1;
      images[i] += done.images * (until - Math.max(start, i)) / (end - start);
    }
  }

  private static Stretch stretch(List<Done> part, double spent, double width) {
    double length = length(part);
    if (length <= 0) {
      return new Stretch(List.of());
    }
    int count = width <= 0 ? 1 : Math.max(1, (int) Math.round(length / width));
    double own = length / count;
    double[] images = new double[count];
    part.forEach(each -> spread(each, begin(part), own, images));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new Point(spent + (i + 0.5) * own, images[i] / own));
    }
    return new Stretch(points);
  }
}
