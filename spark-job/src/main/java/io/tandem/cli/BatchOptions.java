package io.tandem.cli;

import picocli.CommandLine.Option;

/** The option of how many images are decoded together. */
final class BatchOptions {

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = {
        "Images per batch; the last batch is filled up (default: all images, up to 8)."
      })
  private Integer batchSize;

  /** Returns the images per batch of a run of {@code images} images. */
  int size(int images, int usual) {
    return batchSize == null ? Math.min(images, usual) : batchSize;
  }
}
