package io.tandem.dataset;

import io.tandem.image.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Some of the pictures of a data set, in their order, with all of its classes.
 *
 * <p>{@link #every} and {@link #without} divide a data set in two: what is looked at, and what is
 * learned from.
 */
public final class ImageSubset implements LabelledImages {

  private final LabelledImages all;
  private final long[] indexes;
  private final boolean complement;
  private final String description;

  private ImageSubset(LabelledImages all, long[] indexes, boolean complement, String description) {
    this.all = all;
    this.indexes = indexes;
    this.complement = complement;
    this.description = description;
  }

  /** Returns {@code count} pictures, at most all, spread evenly over the data set. */
  public static ImageSubset every(LabelledImages all, int count) {
    return new ImageSubset(all, spread(all, count), false, count + " of them, spread evenly");
  }

  /** Returns the pictures that {@link #every} leaves. */
  public static ImageSubset without(LabelledImages all, int count) {
    return new ImageSubset(
        all, spread(all, count), true, "all but " + count + " of them, spread evenly");
  }

  private static long[] spread(LabelledImages all, int count) {
    if (count < 1 || count > all.size()) {
      throw new IllegalArgumentException(
          "Cannot take %d of %d pictures (1 to all)".formatted(count, all.size()));
    }
    return LongStream.range(0, count).map(i -> (2 * i + 1) * all.size() / (2L * count)).toArray();
  }

  @Override
  public List<String> classNames() {
    return all.classNames();
  }

  @Override
  public int side() {
    return all.side();
  }

  @Override
  public long size() {
    return complement ? all.size() - indexes.length : indexes.length;
  }

  @Override
  public int classId(long index) {
    return all.classId(original(index));
  }

  @Override
  public RgbImage image(long index) {
    return all.image(original(index));
  }

  @Override
  public String identity() {
    return all.identity() + ", " + description;
  }

  /** Returns the index in the whole data set. */
  private long original(long index) {
    Objects.checkIndex(index, size());
    if (!complement) {
      return indexes[(int) index];
    }
    // The number of left-out pictures before a place only grows, so this settles.
    long place = index;
    for (long shifted = index + before(place); shifted != place; shifted = index + before(place)) {
      place = shifted;
    }
    return place;
  }

  /** Returns how many of the indexes are at or before {@code place}. */
  private int before(long place) {
    int found = Arrays.binarySearch(indexes, place);
    return found >= 0 ? found + 1 : -found - 1;
  }
}
