package io.tandem.weights;

import io.tandem.base.UserError;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the tensors of a checkpoint belong to, told by their names. */
public enum CheckpointKind {
  TRANSFORMER("a transformer", "blocks.0.attn.mat_qkv.weight and head.weight"),
  TOKENISER("a tokeniser", "encoder.conv_in.weight and quantize.embedding.weight"),
  FEATURES("a feature network", "features.0.conv.weight and head.weight"),
  INCEPTION(
      "an Inception network",
      "Mixed_5b.branch1x1.conv.weight and fc.weight, or layers.mixed.conv.weight and output.weight"),
  UNKNOWN("neither a transformer nor a tokeniser nor a feature network", "");

  private static final int SHOWN_NAMES = 3;

  private final String noun;
  private final String examples;

  CheckpointKind(String noun, String examples) {
    this.noun = noun;
    this.examples = examples;
  }

  /** Returns what most of the known names in {@code source} belong to. */
  public static CheckpointKind of(WeightSource source) {
    long transformer = count(source, CheckpointKind::isOfTransformer);
    long tokeniser = count(source, CheckpointKind::isOfTokeniser);
    long features = count(source, CheckpointKind::isOfFeatures);
    long inception = count(source, InceptionCheckpoint::isKnown);
    if (inception > Math.max(features, Math.max(transformer, tokeniser))) {
      return INCEPTION;
    }
    if (features > Math.max(transformer, tokeniser)) {
      return FEATURES;
    }
    if (transformer == tokeniser) {
      return UNKNOWN;
    }
    return transformer > tokeniser ? TRANSFORMER : TOKENISER;
  }

  private static long count(WeightSource source, Predicate<String> isKnown) {
    return source.names().stream().filter(isKnown).count();
  }

  /** Returns the kind with its article, as messages name it. */
  String noun() {
    return noun;
  }

  /**
   * Passes if {@code source} is of this kind.
   *
   * @throws UserError that says what it is otherwise
   */
  void require(WeightSource source) {
    CheckpointKind found = of(source);
    if (found == this) {
      return;
    }
    String holds =
        found == UNKNOWN ? found.noun + " but tensors such as " + firstNames(source) : found.noun;
    throw UserError.of(
        "Cannot load %s from '%s': it holds %s (%s has tensors such as %s). Use the file of %s"
            + " here.",
        noun, source.origin(), holds, noun, examples, noun);
  }

  private static String firstNames(WeightSource source) {
    return source.names().stream()
        .limit(SHOWN_NAMES)
        .map(Refusal::shown)
        .collect(Collectors.joining(", "));
  }

  private static boolean isOfTransformer(String name) {
    return name.matches("blocks\\.[0-9]+\\..+")
        || name.matches("(pos_start|pos_1LC|lvl_1L|attn_bias_for_masking)")
        || name.matches("(word_embed|class_emb|lvl_embed|shared_ada_lin|head_nm|head)\\..+");
  }

  private static boolean isOfTokeniser(String name) {
    return name.matches("(encoder|decoder|quantize|quant_conv|post_quant_conv)\\..+");
  }

  private static boolean isOfFeatures(String name) {
    return name.matches("features\\.[0-9]+\\.(conv|norm)\\..+");
  }
}
