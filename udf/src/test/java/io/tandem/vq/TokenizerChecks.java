package io.tandem.vq;

import static io.tandem.testing.FloatArrays.assertClose;
import static io.tandem.testing.FloatArrays.every;
import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.kernel.NativeScope;
import io.tandem.kernel.Tensor;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.testing.GoldenCase;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;

/** What every golden case must satisfy as far as the tokeniser goes, in float32. */
final class TokenizerChecks {

  private static final double FEATURES = 5e-4;
  private static final double PIXELS = 1e-3;

  /** Codes may be equally near but for rounding. */
  private static final double SAME_IDS = 0.995;

  private final GoldenCase golden;
  private final ScaleSchedule schedule;

  TokenizerChecks(GoldenCase golden) {
    this.golden = golden;
    List<Integer> sides = new ArrayList<>();
    golden.description().get("patch_nums").forEach(side -> sides.add(side.asInt()));
    this.schedule = new ScaleSchedule(sides);
  }

  Tokenizer tokenizer(Precision precision) {
    try (WeightSource source = golden.tokenizer()) {
      return Tokenizer.load(source, schedule, precision, DeviceSpec.CPU);
    }
  }

  /** Returns the share of ids that agree. */
  double imagesGiveTheTokens() {
    try (WeightSource source = golden.tokenizer();
        ImageEncoder encoder = ImageEncoder.load(source, schedule, Precision.FP32, DeviceSpec.CPU);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      float[] images = golden.expected().floats("vae_input");
      for (int i = 0; i < images.length; i++) {
        images[i] = (images[i] + 1) / 2;
      }
      long[] shape = golden.expected().shape("vae_input");
      assertThat(shape).endsWith(encoder.imageSide(), encoder.imageSide());

      List<Tensor> tokens = encoder.encode(batch, batch.floats(images, shape));

      int same = 0;
      int all = 0;
      for (int scale = 0; scale < golden.scales(); scale++) {
        long[] actual = tokens.get(scale).toLongs();
        long[] expected = golden.tokens("vae_tokens_").get(scale);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
          same += actual[i] == expected[i] ? 1 : 0;
          all++;
        }
      }
      double share = (double) same / all;
      assertThat(share).isGreaterThanOrEqualTo(SAME_IDS);
      return share;
    }
  }

  void tokensGiveTheReconstruction() {
    float[] images = decoded("vae_tokens_");
    for (int i = 0; i < images.length; i++) {
      images[i] = 2 * images[i] - 1;
    }
    assertClose(
        "reconstruction",
        sparse(images),
        golden.expected().floats("vae_reconstruction_sub"),
        PIXELS);
  }

  void codeTokensGiveFeatureMapAndImage() {
    try (Tokenizer tokenizer = tokenizer(Precision.FP32);
        NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      float[] features = features(tokenizer, batch, "code_tokens_").value().toFloats();
      assertClose("feature map", features, golden.expected().floats("code_fhat"), FEATURES);
    }
    assertClose(
        "image",
        sparse(decoded("code_tokens_")),
        golden.expected().floats("code_image_sub"),
        PIXELS);
  }

  /** Returns the images of an array family of tokens, such as {@code code_tokens_}. */
  float[] decoded(String tokens) {
    try (Tokenizer tokenizer = tokenizer(Precision.FP32)) {
      return decoded(tokenizer, tokens);
    }
  }

  float[] decoded(Tokenizer tokenizer, String tokens) {
    try (NativeScope batch = NativeScope.open(DeviceSpec.CPU)) {
      return tokenizer.decode(batch, features(tokenizer, batch, tokens).value()).toFloats();
    }
  }

  private FeatureMap features(Tokenizer tokenizer, NativeScope batch, String tokens) {
    List<long[]> ids = golden.tokens(tokens);
    int images = ids.get(0).length;
    FeatureMap features = tokenizer.newFeatureMap(batch, images);
    for (int scale = 0; scale < golden.scales(); scale++) {
      features.accumulate(batch.longs(ids.get(scale), images, schedule.tokens(scale)), scale);
    }
    return features;
  }

  private float[] sparse(float[] images) {
    int levels = golden.description().get("vae").get("ch_mult").size();
    int side = schedule.finestSide() << (levels - 1);
    int all = Integer.MAX_VALUE;
    return every(
        images,
        new int[] {images.length / (3 * side * side), 3, side, side},
        new int[] {1, 1, 4, 4},
        new int[] {all, all, all, all});
  }
}
