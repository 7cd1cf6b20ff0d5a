package io.tandem.model;

/** Number format of the matrix products; what the design keeps in float32 stays float32. */
public enum Precision {
  FP32(6, 4),
  BF16(15, 2),
  FP16(5, 2);

  private final int scalarType;
  private final int bytes;

  Precision(int scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** Returns libtorch's number for this type (c10/core/ScalarType.h). */
  public int scalarType() {
    return scalarType;
  }

  /** Returns the bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
