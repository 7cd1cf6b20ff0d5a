package io.tandem.executor;

/** What happens to a batch that does not fit into memory. */
public enum SmallerBatches {
  /** Its samples fail. */
  REFUSED,
  /** It is decoded in smaller ones, whose images differ in their last bits; their rows say so. */
  ALLOWED
}
