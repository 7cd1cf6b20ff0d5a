package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.dataset.LabelledImages;
import io.tandem.dataset.SquareCrop;
import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;

/**
 * The pictures of a Parquet table, made square by {@link SquareCrop} and held in memory.
 *
 * <p>The table is a file, a folder of files or a tree of {@code name=value} folders on any file
 * system of Hadoop. It has the columns
 *
 * <ul>
 *   <li>{@code image}: PNG or JPEG files, binary or a struct with a binary field {@code bytes} (the
 *       convention of Hugging Face);
 *   <li>{@code class_id}: integers, each from 0 to the largest in some row;
 *   <li>{@code class_name}, if it is there: one name for each class; a class without one is named
 *       by its id;
 *   <li>{@code status}, if it is there: rows where it is null or not {@code ok} are skipped;
 *   <li>{@code sample_index}, if it is there: integers that order the rows.
 * </ul>
 *
 * <p>Rows are in the order of {@code sample_index}, then of file name, then of their place in the
 * file, however the table is listed, split or read.
 *
 * <p>A picture takes {@code 3 * side * side} bytes. All of them may take two thirds of the largest
 * heap, and there may be 2<sup>31</sup> - 1. Before, Spark has each of its threads hold a row
 * group, and writes a table of more than 16 MiB to its scratch folder once. Immutable and
 * thread-safe; needs no session once it is read.
 */
public final class ParquetImages implements LabelledImages {

  /** Rows that are decoded together, by all threads. */
  private static final int BATCH = 64;

  private static final double HEAP_SHARE = 2 / 3.0;

  private static final double MEBIBYTE = 1 << 20;

  private final List<String> classNames;
  private final int side;
  private final long skipped;
  private final PixelStore pixels;
  private final int[] slots;
  private final int[] classIds;
  private final String identity;

  /**
   * What a table must keep to.
   *
   * @param heapBytes the largest heap
   * @param partBytes what is taken from Spark at a time
   */
  record Limits(long heapBytes, long partBytes) {}

  private record Slot(RowPosition position, int slot, int classId) {}

  private ParquetImages(int side, TableClasses classes, PixelStore pixels, List<Slot> order) {
    this.side = side;
    this.classNames = classes.names();
    this.skipped = classes.skipped();
    this.pixels = pixels;
    this.slots = order.stream().mapToInt(Slot::slot).toArray();
    this.classIds = order.stream().mapToInt(Slot::classId).toArray();
    this.identity =
        "table of %d pictures, side %d, classes and pixels sha256 %s"
            .formatted(slots.length, side, sha256());
  }

  /**
   * Reads the table at {@code path}.
   *
   * @param path local path or URI of a file system that Hadoop knows, taken as it is: neither a
   *     pattern nor encoded
   * @param side width and height that the pictures get, in pixels, at least 1
   * @throws UserError if there is no such table, it lacks a column, its classes are not numbered
   *     from 0 on, a picture is missing, damaged or smaller than {@code side}, or the heap is too
   *     small for all of them
   */
  public static ParquetImages read(SparkSession session, String path, int side) {
    return read(session, path, side, new Limits(Runtime.getRuntime().maxMemory(), 1 << 24));
  }

  static ParquetImages read(SparkSession session, String path, int side, Limits limits) {
    check(side > 0, "Cannot read pictures of side %d (at least 1 pixel)", side);
    ImageTable table = ImageTable.open(session, path);
    TableClasses classes = table.classes();
    checkMemory(path, side, classes.pictures(), limits.heapBytes());
    int pictures = (int) classes.pictures();
    PixelStore pixels = new PixelStore(side, pictures);
    List<Slot> order = new ArrayList<>(pictures);
    Iterator<ImageTable.Picture> rows = table.pictures(limits.partBytes());
    List<ImageTable.Picture> batch = new ArrayList<>();
    while (rows.hasNext()) {
      batch.add(rows.next());
      if (batch.size() == BATCH || !rows.hasNext()) {
        checkUnchanged(path, order.size() + batch.size() <= pictures);
        List<RgbImage> crops = crops(batch, side);
        for (int i = 0; i < crops.size(); i++) {
          pixels.add(crops.get(i));
          order.add(new Slot(batch.get(i).position(), order.size(), batch.get(i).classId()));
        }
        batch.clear();
      }
    }
    checkUnchanged(path, order.size() == pictures);
    order.sort((a, b) -> a.position().compareTo(b.position()));
    return new ParquetImages(side, classes, pixels, order);
  }

  private static void checkMemory(String path, int side, long pictures, long heapBytes) {
    double needed = 3.0 * side * side * pictures;
    check(
        pictures <= Integer.MAX_VALUE && needed <= HEAP_SHARE * heapBytes,
        "Cannot hold data set '%s': %d pictures of side %d take %.1f MiB (at most %.1f, two thirds"
            + " of the heap). Give the JVM -Xmx%.0fm or more, or take a part of the table.",
        path,
        pictures,
        side,
        needed / MEBIBYTE,
        HEAP_SHARE * heapBytes / MEBIBYTE,
        Math.ceil(needed / HEAP_SHARE / MEBIBYTE));
  }

  private static void checkUnchanged(String path, boolean unchanged) {
    check(
        unchanged,
        "Cannot read data set '%s': rows came or went while it was read. Read it again when nobody"
            + " writes it.",
        path);
  }

  private static List<RgbImage> crops(List<ImageTable.Picture> batch, int side) {
    try {
      return batch.parallelStream().map(picture -> crop(picture, side)).toList();
    } catch (UserError e) {
      // The first one at fault, whichever thread was faster.
      batch.forEach(picture -> crop(picture, side));
      throw e;
    }
  }

  private static RgbImage crop(ImageTable.Picture picture, int side) {
    String name = picture.position().toString();
    byte[] file =
        picture
            .file()
            .orElseThrow(
                () ->
                    UserError.of(
                        "Cannot read picture '%s': there is none (its bytes must be in the table)",
                        name));
    return SquareCrop.of(ImageFile.decode(file, name), side, name);
  }

  /** Returns the number of rows that were skipped because their status was not {@code ok}. */
  public long skipped() {
    return skipped;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int side() {
    return side;
  }

  @Override
  public long size() {
    return slots.length;
  }

  @Override
  public int classId(long index) {
    return classIds[checked(index)];
  }

  @Override
  public RgbImage image(long index) {
    return pixels.picture(slots[checked(index)]);
  }

  @Override
  public String identity() {
    return identity;
  }

  private int checked(long index) {
    return (int) Objects.checkIndex(index, size());
  }

  /** Digests the names of the classes, then class id and pixels of each picture. */
  private String sha256() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash pictures: every JVM has SHA-256", e);
    }
    for (String name : classNames) {
      digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < slots.length; i++) {
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(classIds[i]).flip());
      digest.update(pixels.picture(slots[i]).rgb());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
