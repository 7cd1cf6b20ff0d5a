package io.tandem.weights;

import io.tandem.model.AdaLn;
import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names and shapes of the tensors that a model consists of, in the order of the official files.
 *
 * @see <a href="https://github.com/FoundationVision/VAR/blob/78b9539/models/var.py">VAR</a> and <a
 *     href="https://github.com/FoundationVision/VAR/blob/78b9539/models/vqvae.py">VQVAE</a>
 */
public final class WeightNames {

  /** Scale of each token, int64 [1, tokens]; the scale schedule is read from it. */
  static final String LEVELS = "lvl_1L";

  /** The feed-forward layers of a block are this many times wider than its tokens. */
  private static final long HIDDEN = 4;

  private WeightNames() {}

  /** Returns the shapes of a transformer's tensors by name. */
  public static Map<String, List<Long>> transformer(VarConfig config) {
    Shapes shapes = new Shapes();
    long width = config.width();
    long tokens = config.schedule().totalTokens();
    shapes.tensor("pos_start", 1, 1, width);
    shapes.tensor("pos_1LC", 1, tokens, width);
    shapes.tensor(LEVELS, 1, tokens);
    shapes.linear("word_embed", width, config.latent().channels());
    shapes.tensor("class_emb.weight", config.classes() + 1L, width);
    shapes.tensor("lvl_embed.weight", config.schedule().scales(), width);
    if (config.adaLn() == AdaLn.SHARED) {
      shapes.linear("shared_ada_lin.1", 6 * width, width);
    }
    for (int block = 0; block < config.depth(); block++) {
      shapes.block("blocks." + block, config);
    }
    shapes.linear("head_nm.ada_lin.1", 2 * width, width);
    shapes.linear("head", config.latent().vocabulary(), width);
    return shapes.byName;
  }

  /** Returns the shapes of a tokeniser's tensors by name. */
  public static Map<String, List<Long>> tokeniser(VqConfig config) {
    Shapes shapes = new Shapes();
    int last = config.levels() - 1;
    shapes.convolution("encoder.conv_in", config.baseChannels(), 3, 3);
    for (int level = 0; level <= last; level++) {
      int from = level == 0 ? config.baseChannels() : config.channels(level - 1);
      shapes.level("encoder.down." + level, config, level, from, config.residualBlocks());
      if (level < last) {
        shapes.resampler("encoder.down." + level + ".downsample", config.channels(level));
      }
    }
    shapes.middle("encoder", config.channels(last));
    shapes.normalised(
        "encoder.norm_out", "encoder.conv_out", config.channels(last), config.codeChannels());
    shapes.convolution("decoder.conv_in", config.channels(last), config.codeChannels(), 3);
    shapes.middle("decoder", config.channels(last));
    for (int level = 0; level <= last; level++) {
      int from = config.channels(Math.min(last, level + 1));
      shapes.level("decoder.up." + level, config, level, from, config.residualBlocks() + 1);
      if (level > 0) {
        shapes.resampler("decoder.up." + level + ".upsample", config.channels(level));
      }
    }
    shapes.normalised("decoder.norm_out", "decoder.conv_out", config.channels(0), 3);
    long code = config.codeChannels();
    for (int i = 0; i < config.residualConvolutions(); i++) {
      shapes.convolution("quantize.quant_resi.qresi_ls." + i, code, code, 3);
    }
    shapes.tensor("quantize.embedding.weight", config.vocabulary(), code);
    shapes.convolution("quant_conv", code, code, 3);
    shapes.convolution("post_quant_conv", code, code, 3);
    return shapes.byName;
  }

  /** Returns the shapes of a feature network's tensors by name. */
  public static Map<String, List<Long>> features(FeatureConfig config) {
    Shapes shapes = new Shapes();
    for (int i = 0; i < config.convolutions(); i++) {
      String name = "features." + i;
      shapes.convolution(name + ".conv", config.outputChannels(i), config.inputChannels(i), 3);
      shapes.normalisation(name + ".norm", config.outputChannels(i));
    }
    shapes.linear("head", config.classes(), config.features());
    return shapes.byName;
  }

  /**
   * Returns whether official files may hold {@code name} although no computation needs it: masks,
   * zeros and statistics.
   */
  public static boolean isIgnorable(String name) {
    return name.equals("attn_bias_for_masking")
        || name.equals("quantize.ema_vocab_hit_SV")
        || name.matches("blocks\\.[0-9]+\\.attn\\.zero_k_bias")
        || name.matches("(Conv2d|Mixed)_.+\\.bn\\.num_batches_tracked");
  }

  /**
   * The scale of each token, from which the schedule of a transformer is read.
   *
   * @param spec name and shape
   * @param numbers of the tensor
   */
  public record Levels(TensorSpec spec, ByteBuffer numbers) {}

  /** Returns the scales of the tokens of {@code schedule}. */
  public static Levels levels(ScaleSchedule schedule) {
    int tokens = schedule.totalTokens();
    ByteBuffer levels =
        ByteBuffer.allocateDirect(tokens * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int scale = 0; scale < schedule.scales(); scale++) {
      for (int token = 0; token < schedule.tokens(scale); token++) {
        levels.putLong(scale);
      }
    }
    return new Levels(TensorSpec.of(LEVELS, NumberFormat.INT64, 1, tokens), levels.flip());
  }

  /** Returns whether {@code name} holds integers, which no training changes. */
  public static boolean isInteger(String name) {
    return name.equals(LEVELS);
  }

  /** Collects shapes, layer by layer. */
  private static final class Shapes {
    private final Map<String, List<Long>> byName = new LinkedHashMap<>();

    void tensor(String name, long... shape) {
      byName.put(name, Arrays.stream(shape).boxed().toList());
    }

    void linear(String name, long outputs, long inputs) {
      tensor(name + ".weight", outputs, inputs);
      tensor(name + ".bias", outputs);
    }

    void convolution(String name, long outputs, long inputs, long side) {
      tensor(name + ".weight", outputs, inputs, side, side);
      tensor(name + ".bias", outputs);
    }

    void normalisation(String name, long channels) {
      tensor(name + ".weight", channels);
      tensor(name + ".bias", channels);
    }

    void normalised(String normalisation, String convolution, long inputs, long outputs) {
      normalisation(normalisation, inputs);
      convolution(convolution, outputs, inputs, 3);
    }

    void block(String name, VarConfig config) {
      long width = config.width();
      if (config.adaLn() == AdaLn.SHARED) {
        tensor(name + ".ada_gss", 1, 1, 6, width);
      }
      tensor(name + ".attn.scale_mul_1H11", 1, config.heads(), 1, 1);
      tensor(name + ".attn.q_bias", width);
      tensor(name + ".attn.v_bias", width);
      tensor(name + ".attn.mat_qkv.weight", 3 * width, width);
      linear(name + ".attn.proj", width, width);
      linear(name + ".ffn.fc1", HIDDEN * width, width);
      linear(name + ".ffn.fc2", width, HIDDEN * width);
      if (config.adaLn() == AdaLn.PER_BLOCK) {
        linear(name + ".ada_lin.1", 6 * width, width);
      }
    }

    /** One level of encoder or decoder; only the coarsest has attention, after each block. */
    void level(String name, VqConfig config, int level, int from, int blocks) {
      int channels = config.channels(level);
      for (int i = 0; i < blocks; i++) {
        residualBlock(name + ".block." + i, i == 0 ? from : channels, channels);
      }
      for (int i = 0; i < blocks && level == config.levels() - 1; i++) {
        attention(name + ".attn." + i, channels);
      }
    }

    void middle(String name, int channels) {
      residualBlock(name + ".mid.block_1", channels, channels);
      attention(name + ".mid.attn_1", channels);
      residualBlock(name + ".mid.block_2", channels, channels);
    }

    void resampler(String name, int channels) {
      convolution(name + ".conv", channels, channels, 3);
    }

    private void residualBlock(String name, int inputs, int outputs) {
      normalised(name + ".norm1", name + ".conv1", inputs, outputs);
      normalised(name + ".norm2", name + ".conv2", outputs, outputs);
      if (inputs != outputs) {
        convolution(name + ".nin_shortcut", outputs, inputs, 1);
      }
    }

    private void attention(String name, int channels) {
      normalisation(name + ".norm", channels);
      convolution(name + ".qkv", 3L * channels, channels, 1);
      convolution(name + ".proj_out", channels, channels, 1);
    }
  }
}
