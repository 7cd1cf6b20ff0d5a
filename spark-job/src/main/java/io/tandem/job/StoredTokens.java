package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.generate.TokenBytes;
import io.tandem.model.ScaleSchedule;
import io.tandem.npz.NpzArray;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Token maps of the first scales of some images, as they are kept in files: arrays {@code tokens_0}
 * and on, int64 [B, l]; {@code labels}, int64 [B]; {@code first_index}, int64 [].
 *
 * @param images number of images, B
 * @param maps by scale, B x l ids each, row-major
 * @param labels of the images, if they are known
 * @param firstIndex index of the first image in its run, if it is known; the others follow it
 */
public record StoredTokens(
    int images, List<long[]> maps, Optional<List<Integer>> labels, OptionalLong firstIndex) {

  /** No tokens of any image. */
  public static final StoredTokens NONE =
      new StoredTokens(0, List.of(), Optional.empty(), OptionalLong.empty());

  private static final String TOKENS = "tokens_";
  private static final String LABELS = "labels";
  private static final String FIRST_INDEX = "first_index";

  public StoredTokens {
    maps = List.copyOf(maps);
    labels = labels.map(List::copyOf);
  }

  /**
   * Reads tokens; a trace serves as well.
   *
   * @throws UserError if the file cannot be read, or its arrays do not fit together
   */
  public static StoredTokens read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      List<NpzArray> arrays = new ArrayList<>();
      for (Optional<NpzArray> map = npz.find(TOKENS + 0);
          map.isPresent();
          map = npz.find(TOKENS + arrays.size())) {
        arrays.add(map.get());
      }
      check(
          !arrays.isEmpty(),
          "Cannot read tokens of '%s': it has no array '%s' (it holds %s)",
          file,
          TOKENS + 0,
          npz.names());
      List<Long> shape = arrays.get(0).shape();
      check(
          shape.size() == 2 && shape.get(0) >= 1,
          "Cannot read tokens of '%s': %s0 has the shape %s ([images, tokens] is needed)",
          file,
          TOKENS,
          shape);
      long images = shape.get(0);
      List<long[]> maps = new ArrayList<>();
      for (NpzArray array : arrays) {
        check(
            array.shape().size() == 2 && array.shape().get(0) == images,
            "Cannot read tokens of '%s': %s%d has the shape %s ([%d, tokens] is needed)",
            file,
            TOKENS,
            maps.size(),
            array.shape(),
            images);
        maps.add(array.toLongs());
      }
      return new StoredTokens(
          Math.toIntExact(images), maps, labels(npz, file, images), firstIndex(npz));
    }
  }

  /**
   * Returns the tokens of several batches as those of all their images.
   *
   * @param batches by batch, then by scale
   * @param images in all; what the last batch has beyond them is left out
   */
  static List<long[]> joined(List<List<long[]>> batches, int images) {
    List<long[]> maps = new ArrayList<>();
    int batchSize = batches.get(0).get(0).length; // the first map has one token per image
    for (int scale = 0; scale < batches.get(0).size(); scale++) {
      int length = batches.get(0).get(scale).length / batchSize;
      long[] map = new long[images * length];
      int filled = 0;
      for (List<long[]> batch : batches) {
        int taken = Math.min(batch.get(scale).length, map.length - filled);
        System.arraycopy(batch.get(scale), 0, map, filled, taken);
        filled += taken;
      }
      maps.add(map);
    }
    return maps;
  }

  private static Optional<List<Integer>> labels(NpzFile npz, Path file, long images) {
    Optional<long[]> labels = npz.find(LABELS).map(NpzArray::toLongs);
    labels.ifPresent(
        all ->
            check(
                all.length == images && Arrays.stream(all).allMatch(label -> label == (int) label),
                "Cannot read tokens of '%s': it has %d labels for %d images (one class each)",
                file,
                all.length,
                images));
    return labels.map(all -> Arrays.stream(all).mapToObj(label -> (int) label).toList());
  }

  private static OptionalLong firstIndex(NpzFile npz) {
    Optional<NpzArray> array = npz.find(FIRST_INDEX).filter(index -> index.shape().isEmpty());
    return array.isEmpty() ? OptionalLong.empty() : OptionalLong.of(array.get().toLongs()[0]);
  }

  /** Writes tokens, labels and first index as arrays of {@code npz}. */
  public void write(NpzWriter npz) {
    for (int scale = 0; scale < maps.size(); scale++) {
      npz.longs(TOKENS + scale, maps.get(scale), images, maps.get(scale).length / images);
    }
    labels.ifPresent(
        all -> npz.longs(LABELS, all.stream().mapToLong(label -> label).toArray(), images));
    firstIndex.ifPresent(index -> npz.longs(FIRST_INDEX, new long[] {index}));
  }

  /** Returns the tokens of the first {@code scales} scales alone. */
  public StoredTokens firstScales(int scales) {
    check(
        scales >= 1 && scales <= maps.size(),
        "Cannot take the tokens of %d scales (there are %d)",
        scales,
        maps.size());
    return new StoredTokens(images, maps.subList(0, scales), labels, firstIndex);
  }

  /**
   * Returns the schedule that complete maps tell.
   *
   * @throws UserError if a map is not a square, or they do not grow
   */
  public ScaleSchedule schedule() {
    List<Integer> sides = new ArrayList<>();
    for (long[] map : maps) {
      int tokens = map.length / images;
      int side = (int) Math.round(Math.sqrt(tokens));
      check(
          side * side == tokens,
          "Cannot use a token map of %d tokens per image at scale %d: it is no square",
          tokens,
          sides.size() + 1);
      sides.add(side);
    }
    return new ScaleSchedule(sides);
  }

  /**
   * Returns the SHA-256 of the tokens of image {@code i} in hexadecimal digits: 16 bits each,
   * little-endian, coarse to fine.
   */
  String sha256(int i) {
    return Sha256.of(TokenBytes.of(maps, images, i));
  }

  /**
   * Returns the maps of {@code count} images from {@code first} on; after the last comes the first.
   */
  List<long[]> rows(int first, int count) {
    List<long[]> rows = new ArrayList<>();
    for (long[] map : maps) {
      int tokens = map.length / images;
      long[] part = new long[count * tokens];
      for (int i = 0; i < count; i++) {
        System.arraycopy(map, (first + i) % images * tokens, part, i * tokens, tokens);
      }
      rows.add(part);
    }
    return rows;
  }
}
