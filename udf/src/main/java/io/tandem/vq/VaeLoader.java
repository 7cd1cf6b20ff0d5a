package io.tandem.vq;

import io.tandem.kernel.Arithmetic;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.TensorsByName;
import io.tandem.kernel.VaeKernel;
import io.tandem.kernel.VaeLayer;
import io.tandem.kernel.VaeNetwork;
import io.tandem.model.Precision;
import io.tandem.model.VqConfig;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;

/**
 * Reads the tokeniser's networks from a checkpoint, layer by layer in the order of their forward
 * pass, so that only one layer is in memory twice.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/basic_vae.py">Encoder
 *     and Decoder</a>
 */
final class VaeLoader {

  private static final String CONVOLUTION = "conv";

  private final NativeScope scope;
  private final WeightSource source;
  private final VqConfig config;

  /**
   * Makes a loader.
   *
   * @param scope owns the networks
   * @param source a tokeniser of architecture {@code config}
   */
  VaeLoader(NativeScope scope, WeightSource source, VqConfig config) {
    this.scope = scope;
    this.source = source;
    this.config = config;
  }

  /** Returns the network from feature maps of {@code side} to images. */
  VaeNetwork decoder(int side, Precision precision, Arithmetic arithmetic) {
    VaeNetwork network = VaeKernel.network(scope, precision, arithmetic, side);
    append(network, VaeLayer.CONVOLUTION, part("post_quant_conv", CONVOLUTION));
    append(network, VaeLayer.CONVOLUTION, part("decoder.conv_in", CONVOLUTION));
    middle(network, "decoder.mid.");
    for (int level = config.levels() - 1; level >= 0; level--) {
      String prefix = "decoder.up." + level;
      blocks(network, prefix, config.residualBlocks() + 1);
      if (level > 0) {
        append(network, VaeLayer.UPSAMPLING, part(prefix + ".upsample.conv", CONVOLUTION));
      }
    }
    output(network, "decoder");
    return network;
  }

  /** Returns the network from images to feature maps of {@code side}. */
  VaeNetwork encoder(int side, Precision precision, Arithmetic arithmetic) {
    VaeNetwork network =
        VaeKernel.network(scope, precision, arithmetic, side * config.pixelsPerCell());
    append(network, VaeLayer.CONVOLUTION, part("encoder.conv_in", CONVOLUTION));
    for (int level = 0; level < config.levels(); level++) {
      String prefix = "encoder.down." + level;
      blocks(network, prefix, config.residualBlocks());
      if (level < config.levels() - 1) {
        append(network, VaeLayer.DOWNSAMPLING, part(prefix + ".downsample.conv", CONVOLUTION));
      }
    }
    middle(network, "encoder.mid.");
    output(network, "encoder");
    append(network, VaeLayer.CONVOLUTION, part("quant_conv", CONVOLUTION));
    return network;
  }

  /**
   * Returns all tensors whose names start with {@code prefix}, by full name, in {@code reading}.
   */
  TensorsByName tensors(NativeScope reading, String prefix) {
    return read(reading, part(prefix, prefix));
  }

  private void blocks(VaeNetwork network, String prefix, int count) {
    for (int i = 0; i < count; i++) {
      append(network, VaeLayer.RESIDUAL, part(prefix + ".block." + i + ".", ""));
      attention(network, prefix + ".attn." + i + ".");
    }
  }

  private void middle(VaeNetwork network, String prefix) {
    append(network, VaeLayer.RESIDUAL, part(prefix + "block_1.", ""));
    attention(network, prefix + "attn_1.");
    append(network, VaeLayer.RESIDUAL, part(prefix + "block_2.", ""));
  }

  /** Only some levels have attention: those whose tensors are there. */
  private void attention(VaeNetwork network, String prefix) {
    if (source.names().contains(prefix + "qkv.weight")) {
      append(network, VaeLayer.ATTENTION, part(prefix, ""));
    }
  }

  private void output(VaeNetwork network, String prefix) {
    append(
        network,
        VaeLayer.OUTPUT,
        part(prefix + ".norm_out", "norm"),
        part(prefix + ".conv_out", CONVOLUTION));
  }

  /**
   * Tensors whose names start with {@code prefix}, which {@code replacement} takes the place of.
   */
  private record Part(String prefix, String replacement) {}

  private static Part part(String prefix, String replacement) {
    return new Part(prefix, replacement);
  }

  private void append(VaeNetwork network, VaeLayer layer, Part... parts) {
    try (NativeScope reading = NativeScope.open(scope.device())) {
      VaeKernel.append(network, layer, read(reading, parts));
    }
  }

  private TensorsByName read(NativeScope reading, Part... parts) {
    TensorsByName tensors = TensorsByName.in(reading);
    for (Part part : parts) {
      for (String name : source.names()) {
        if (name.startsWith(part.prefix)) {
          TensorSpec spec = source.spec(name);
          tensors.put(
              part.replacement + name.substring(part.prefix.length()),
              source.read(name),
              spec.format(),
              spec.sizes());
        }
      }
    }
    return tensors;
  }
}
