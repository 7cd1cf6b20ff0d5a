package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.VqConfig;
import io.tandem.weights.CheckpointFindings.Guesses;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells the architecture of a tokeniser from its tensors. */
public final class VqCheckpoint {

  private static final String NUMBER = "(?:0|[1-9][0-9]*)";
  private static final String LEAF = "(\\.(?:norm|conv)[12]\\.(?:weight|bias))";
  private static final Pattern ENCODER_LEVEL =
      Pattern.compile("encoder\\.down\\." + NUMBER + "\\.block\\.0" + LEAF);
  private static final Pattern DECODER_LEVEL =
      Pattern.compile("decoder\\.up\\." + NUMBER + "\\.block\\.0" + LEAF);
  private static final Pattern RESIDUAL_CONVOLUTION =
      Pattern.compile("quantize\\.quant_resi\\.qresi_ls\\." + NUMBER + "(\\.weight|\\.bias)");

  private static final int GROUPS = 32;

  /**
   * What a checkpoint tells.
   *
   * @param config its architecture, absent if it cannot be told
   * @param findings how the tensors differ from it
   * @param description the architecture in words, as far as it can be told
   */
  record Reading(Optional<VqConfig> config, CheckpointFindings findings, String description) {}

  private final WeightSource source;
  private final Set<String> guesses = new HashSet<>();
  private final List<String> faults = new ArrayList<>();

  private VqCheckpoint(WeightSource source) {
    this.source = source;
  }

  /**
   * Returns the architecture of the tokeniser in {@code source}, all of whose tensors are there
   * with the right shapes, and no others.
   *
   * @throws UserError if it holds no tokeniser, or listing all tensors that are missing, extra or
   *     misshapen
   */
  public static VqConfig config(WeightSource source) {
    CheckpointKind.TOKENISER.require(source);
    Reading reading = reading(source);
    reading.findings.require(CheckpointKind.TOKENISER, source, reading.description);
    return reading.config.orElseThrow();
  }

  /** Returns what {@code source} tells, without complaint. */
  static Reading reading(WeightSource source) {
    return new VqCheckpoint(source).read();
  }

  private Reading read() {
    int levels = Math.max(1, levels());
    int base = baseChannels();
    List<Integer> multipliers = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      multipliers.add(multiplier(level, base));
    }
    int blocks = Math.max(1, residualBlocks(levels));
    OptionalInt vocabulary = votes("quantize.embedding.weight", 0);
    OptionalInt code = codeChannels();
    if (vocabulary.isEmpty()) {
      guesses.add("quantize.embedding.weight");
    }
    int convolutions = Math.max(1, ShapeVotes.layers(source, RESIDUAL_CONVOLUTION));
    VqConfig config =
        new VqConfig(
            base, multipliers, blocks, vocabulary.orElse(4096), code.orElse(32), convolutions);
    CheckpointFindings findings =
        CheckpointFindings.compare(
            source, WeightNames.tokeniser(config), new Guesses(guesses, faults));
    boolean isTold = guesses.isEmpty() && faults.isEmpty();
    return new Reading(
        isTold ? Optional.of(config) : Optional.empty(), findings, description(config));
  }

  private int levels() {
    int encoder = ShapeVotes.layers(source, ENCODER_LEVEL);
    return Math.max(encoder, ShapeVotes.layers(source, DECODER_LEVEL));
  }

  private int residualBlocks(int levels) {
    int most = 0;
    for (int level = 0; level < levels; level++) {
      String block = "\\." + level + "\\.block\\." + NUMBER + LEAF;
      int encoder = ShapeVotes.layers(source, Pattern.compile("encoder\\.down" + block));
      int decoder = ShapeVotes.layers(source, Pattern.compile("decoder\\.up" + block));
      most = Math.max(most, Math.max(encoder, decoder - 1));
    }
    return most;
  }

  private int baseChannels() {
    OptionalInt told =
        new ShapeVotes(source)
            .add("encoder.conv_in.weight", 0)
            .add("encoder.conv_in.bias", 0)
            .add("encoder.down.0.block.0.norm1.weight", 0)
            .add("encoder.down.0.block.0.conv1.weight", 1)
            .winner();
    if (told.isPresent() && told.getAsInt() % GROUPS != 0) {
      faults.add(
          "encoder.conv_in.weight tells "
              + told.getAsInt()
              + " base channels, expected a multiple of "
              + GROUPS);
      return GROUPS;
    }
    return told.orElse(GROUPS);
  }

  private int multiplier(int level, int base) {
    String encoder = "encoder.down." + level + ".block.0.";
    String decoder = "decoder.up." + level + ".block.0.";
    int channels =
        new ShapeVotes(source)
            .add(encoder + "conv1.weight", 0)
            .add(encoder + "conv2.weight", 0)
            .add(encoder + "norm2.weight", 0)
            .add(decoder + "conv1.weight", 0)
            .add(decoder + "conv2.weight", 0)
            .add(decoder + "norm2.weight", 0)
            .winner()
            .orElse(base);
    if (channels % base != 0) {
      faults.add("level " + level + " has " + channels + " channels, no multiple of " + base);
      return 1;
    }
    return channels / base;
  }

  private OptionalInt codeChannels() {
    return new ShapeVotes(source)
        .add("quantize.embedding.weight", 1)
        .add("quant_conv.weight", 0)
        .add("post_quant_conv.weight", 0)
        .add("decoder.conv_in.weight", 1)
        .winner();
  }

  private OptionalInt votes(String name, int axis) {
    return new ShapeVotes(source).add(name, axis).winner();
  }

  private static String description(VqConfig config) {
    return String.format(
        "%d base channels, multipliers %s, %d residual blocks, %d codes of %d channels",
        config.baseChannels(),
        config.multipliers(),
        config.residualBlocks(),
        config.vocabulary(),
        config.codeChannels());
  }
}
