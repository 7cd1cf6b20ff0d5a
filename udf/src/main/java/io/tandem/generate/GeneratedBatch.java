package io.tandem.generate;

import io.tandem.image.RgbImage;
import java.util.List;

/**
 * A decoded batch, on the heap.
 *
 * @param tokens token maps by scale, B x l ids each, row-major
 * @param images one picture per sample, in the order of the request
 */
public record GeneratedBatch(List<long[]> tokens, List<RgbImage> images) {

  public GeneratedBatch {
    tokens = List.copyOf(tokens);
    images = List.copyOf(images);
  }
}
