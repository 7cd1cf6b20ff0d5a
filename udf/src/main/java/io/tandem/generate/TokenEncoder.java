package io.tandem.generate;

import static io.tandem.base.Checks.check;

import io.tandem.image.RgbImage;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.vq.ImageEncoder;
import java.util.List;

/**
 * Turns pictures into token maps; {@link TokenDecoder} turns those back.
 *
 * <p>Immutable and thread-safe. The caller keeps the encoder open while it is used.
 */
public final class TokenEncoder {

  private final ImageEncoder encoder;
  private final DeviceSpec device;

  /** Makes an encoder; {@code encoder} is on {@code device}. */
  public TokenEncoder(ImageEncoder encoder, DeviceSpec device) {
    this.encoder = encoder;
    this.device = device;
  }

  /**
   * Returns the token maps of {@code pictures} by scale, B x l ids each, row-major.
   *
   * @throws io.tandem.base.UserError if a picture is not of the side that the tokeniser takes
   */
  public List<long[]> encode(List<RgbImage> pictures) {
    int side = encoder.imageSide();
    float[] planes = new float[Math.multiplyExact(pictures.size(), 3 * side * side)];
    for (int i = 0; i < pictures.size(); i++) {
      RgbImage picture = pictures.get(i);
      check(
          picture.width() == side && picture.height() == side,
          "Cannot encode a picture of %s (%d x %d are needed)",
          picture,
          side,
          side);
      System.arraycopy(picture.toPlanes(), 0, planes, i * 3 * side * side, 3 * side * side);
    }
    try (NativeScope scope = NativeScope.open(device)) {
      Tensor images = scope.floats(planes, pictures.size(), 3, side, side);
      return encoder.encode(scope, images).stream().map(Tensor::toLongs).toList();
    }
  }
}
