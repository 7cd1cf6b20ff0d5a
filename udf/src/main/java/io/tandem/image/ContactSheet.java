package io.tandem.image;

import java.util.Arrays;
import java.util.List;

/** Lays pictures out on a white grid with a caption under each. */
public final class ContactSheet {

  /** Pictures on one sheet at most; further ones are left out. */
  public static final int MAX_PICTURES = 100;

  private static final int MARGIN = 8;
  private static final int DOT = 2;

  private final List<RgbImage> pictures;
  private final List<String> captions;
  private final int cellWidth;
  private final int cellHeight;
  private final int columns;
  private final int width;
  private final int dot;
  private final byte[] sheet;

  private ContactSheet(List<RgbImage> pictures, List<String> captions, int columns) {
    this.pictures = pictures;
    this.captions = captions;
    this.columns = columns;
    cellWidth = pictures.stream().mapToInt(RgbImage::width).max().orElseThrow();
    cellHeight = pictures.stream().mapToInt(RgbImage::height).max().orElseThrow();
    width = MARGIN + columns * (cellWidth + MARGIN);
    // Large dots are easier to read; where one caption is too long for them, all take small ones.
    dot =
        captions.stream().allMatch(caption -> DOT * DotFont.width(caption) <= cellWidth) ? DOT : 1;
    sheet = new byte[Math.multiplyExact(3 * width, height())];
    Arrays.fill(sheet, (byte) 0xff);
  }

  /**
   * Returns a sheet of the first {@value #MAX_PICTURES} pictures, as many rows as columns or one
   * fewer.
   *
   * @param captions one for each picture, of ASCII characters; what does not fit under the picture
   *     is cut off
   */
  public static RgbImage of(List<RgbImage> pictures, List<String> captions) {
    int shown = Math.min(pictures.size(), MAX_PICTURES);
    return of(pictures, captions, (int) Math.ceil(Math.sqrt(shown)));
  }

  /** Returns the same with {@code columns} pictures in a row, at least 1. */
  public static RgbImage of(List<RgbImage> pictures, List<String> captions, int columns) {
    if (pictures.isEmpty() || pictures.size() != captions.size()) {
      throw new IllegalArgumentException(
          "Cannot lay out %d pictures with %d captions (one each, at least one)"
              .formatted(pictures.size(), captions.size()));
    }
    int shown = Math.min(pictures.size(), MAX_PICTURES);
    return new ContactSheet(pictures.subList(0, shown), captions.subList(0, shown), columns)
        .drawn();
  }

  private RgbImage drawn() {
    for (int i = 0; i < pictures.size(); i++) {
      int left = MARGIN + i % columns * (cellWidth + MARGIN);
      int top = MARGIN + i / columns * rowPitch();
      RgbImage picture = pictures.get(i);
      for (int y = 0; y < picture.height(); y++) {
        picture.copyRow(y, sheet, 3 * ((top + y) * width + left));
      }
      write(captions.get(i), left, top + cellHeight + DOT);
    }
    return RgbImage.owning(width, height(), sheet);
  }

  private void write(String caption, int left, int top) {
    int pixels = Math.min(dot * DotFont.width(caption), cellWidth);
    for (int y = 0; y < dot * DotFont.HEIGHT; y++) {
      for (int x = 0; x < pixels; x++) {
        if (DotFont.isSet(caption, x / dot, y / dot)) {
          int at = 3 * ((top + y) * width + left + x);
          Arrays.fill(sheet, at, at + 3, (byte) 0);
        }
      }
    }
  }

  private int rowPitch() {
    return cellHeight + DOT * (DotFont.HEIGHT + 1) + MARGIN;
  }

  private int height() {
    return MARGIN + (pictures.size() + columns - 1) / columns * rowPitch();
  }
}
