package io.tandem.transformer;

/** Which rows of a batch a transformer runs at a scale. */
public enum Rows {
  /** One row per image, with its label. */
  LABEL_ONLY(1),
  /** Two rows per image: with its label, and without one for classifier-free guidance. */
  GUIDED(2);

  private final int perImage;

  Rows(int perImage) {
    this.perImage = perImage;
  }

  /** Returns the number of rows of {@code images} images. */
  public int of(int images) {
    return perImage * images;
  }
}
