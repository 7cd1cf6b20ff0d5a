package io.tandem.generate;

import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.vq.FeatureMap;
import io.tandem.vq.Tokenizer;
import java.util.List;

/**
 * Makes images from the token maps of all scales, without a transformer.
 *
 * <p>Immutable and thread-safe. The caller keeps the tokeniser open while it is used.
 */
public final class TokenDecoder {

  private final Tokenizer tokenizer;
  private final LatentSpace latent;
  private final DeviceSpec device;

  /** Makes a decoder for token maps of {@code schedule}; the tokeniser is on {@code device}. */
  public TokenDecoder(Tokenizer tokenizer, ScaleSchedule schedule, DeviceSpec device) {
    this.tokenizer = tokenizer;
    this.latent =
        new LatentSpace(
            tokenizer.config().vocabulary(), tokenizer.config().codeChannels(), schedule);
    this.device = device;
  }

  /**
   * Returns one picture per image.
   *
   * @param tokens token maps by scale, B x l ids each, row-major
   * @throws io.tandem.base.UserError if they are not those of all scales, or an id is no code
   */
  public List<RgbImage> decode(
      List<long[]> tokens, PixelRounding rounding, DecodeObserver observer) {
    ScaleSchedule schedule = latent.schedule();
    int images = tokens.isEmpty() ? 0 : tokens.get(0).length;
    TokenMaps.checkAll("make images", tokens, images, latent);
    try (NativeScope scope = NativeScope.open(device)) {
      FeatureMap features = tokenizer.newFeatureMap(scope, images);
      for (int scale = 0; scale < tokens.size(); scale++) {
        try (Tensor map = scope.longs(tokens.get(scale), images, schedule.tokens(scale))) {
          features.accumulate(map, scale).ifPresent(Tensor::close);
        }
        observer.accumulated(scale, features.value());
      }
      Tensor decoded = tokenizer.decode(scope, features.value());
      observer.decoded(decoded);
      return tokenizer.pixels(decoded, rounding);
    }
  }
}
