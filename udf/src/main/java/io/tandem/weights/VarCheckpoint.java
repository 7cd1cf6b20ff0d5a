package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.weights.CheckpointFindings.Guesses;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells the architecture of a transformer from its tensors. */
public final class VarCheckpoint {

  private static final Pattern BLOCK =
      Pattern.compile(
          "blocks\\.(?:0|[1-9][0-9]*)\\.(attn\\.(?:scale_mul_1H11|q_bias|v_bias|mat_qkv\\.weight"
              + "|proj\\.weight|proj\\.bias)|ffn\\.fc[12]\\.(?:weight|bias))");

  /**
   * What a checkpoint tells.
   *
   * @param config its architecture, absent if it cannot be told
   * @param findings how the tensors differ from it
   * @param description the architecture in words, as far as it can be told
   */
  record Reading(Optional<VarConfig> config, CheckpointFindings findings, String description) {}

  private final WeightSource source;
  private final Set<String> guesses = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private boolean isTold = true;

  private VarCheckpoint(WeightSource source) {
    this.source = source;
  }

  /**
   * Returns the architecture of the transformer in {@code source}, all of whose tensors are there
   * with the right shapes, and no others. The scale schedule is that of {@code lvl_1L}.
   *
   * @throws UserError if it holds no transformer, or listing all tensors that are missing, extra or
   *     misshapen
   */
  public static VarConfig config(WeightSource source) {
    CheckpointKind.TRANSFORMER.require(source);
    Reading reading = reading(source);
    reading.findings.require(CheckpointKind.TRANSFORMER, source, reading.description);
    return reading.config.orElseThrow();
  }

  /** Returns what {@code source} tells, without complaint. */
  static Reading reading(WeightSource source) {
    return new VarCheckpoint(source).read();
  }

  private Reading read() {
    int depth = ShapeVotes.layers(source, BLOCK);
    int blocks = orGuess(depth == 0 ? OptionalInt.empty() : OptionalInt.of(depth), 1);
    int width = orGuess(width(blocks), 64);
    int heads = orGuess(heads(blocks), 1, "blocks.0.attn.scale_mul_1H11");
    int classes = orGuess(votes("class_emb.weight", 0), 2, "class_emb.weight") - 1;
    LatentSpace latent = latent();
    if (classes < 1) {
      faults.add("class_emb.weight has 1 row, expected one per class and one for no class");
      guesses.add("class_emb.weight");
      classes = 1;
    }
    if (width % heads != 0) {
      faults.add("scale_mul_1H11 tells " + heads + " heads, which do not divide width " + width);
      for (int block = 0; block < blocks; block++) {
        guesses.add("blocks." + block + ".attn.scale_mul_1H11");
      }
      heads = 1;
    }
    VarConfig config = new VarConfig(blocks, width, heads, classes, adaLn(), latent);
    CheckpointFindings findings =
        CheckpointFindings.compare(
            source, WeightNames.transformer(config), new Guesses(guesses, faults));
    return new Reading(
        isTold && guesses.isEmpty() && faults.isEmpty() ? Optional.of(config) : Optional.empty(),
        findings,
        description(config));
  }

  private LatentSpace latent() {
    int vocabulary =
        orGuess(
            new ShapeVotes(source).add("head.weight", 0).add("head.bias", 0).winner(),
            4096,
            "head.weight",
            "head.bias");
    int channels = orGuess(votes("word_embed.weight", 1), 32, "word_embed.weight");
    if (vocabulary < 2) {
      faults.add("head.weight has 1 row, expected one per code of the vocabulary");
      guesses.addAll(List.of("head.weight", "head.bias"));
      vocabulary = 2;
    }
    ScaleLevels levels = ScaleLevels.of(source);
    levels.fault().ifPresent(faults::add);
    if (levels.schedule().isEmpty()) {
      guesses.addAll(List.of(WeightNames.LEVELS, "pos_1LC", "lvl_embed.weight"));
    }
    return new LatentSpace(
        vocabulary, channels, levels.schedule().orElse(ScaleSchedule.PIXELS_256));
  }

  private OptionalInt width(int blocks) {
    ShapeVotes votes =
        new ShapeVotes(source)
            .add("pos_start", 2)
            .add("pos_1LC", 2)
            .add("word_embed.weight", 0)
            .add("word_embed.bias", 0)
            .add("class_emb.weight", 1)
            .add("lvl_embed.weight", 1)
            .add("head.weight", 1);
    for (int block = 0; block < blocks; block++) {
      votes.add("blocks." + block + ".attn.q_bias", 0);
      votes.add("blocks." + block + ".attn.proj.weight", 0);
    }
    return votes.winner();
  }

  private OptionalInt heads(int blocks) {
    ShapeVotes votes = new ShapeVotes(source);
    for (int block = 0; block < blocks; block++) {
      votes.add("blocks." + block + ".attn.scale_mul_1H11", 1);
    }
    return votes.winner();
  }

  private AdaLn adaLn() {
    long shared = count("shared_ada_lin\\.1\\..+") + count("blocks\\.[0-9]+\\.ada_gss");
    long perBlock = count("blocks\\.[0-9]+\\.ada_lin\\.1\\..+");
    return shared > perBlock ? AdaLn.SHARED : AdaLn.PER_BLOCK;
  }

  private long count(String pattern) {
    return source.names().stream().filter(name -> name.matches(pattern)).count();
  }

  private OptionalInt votes(String name, int axis) {
    return new ShapeVotes(source).add(name, axis).winner();
  }

  /** Takes a stand-in for what the file does not tell, and notes whose shapes depend on it. */
  private int orGuess(OptionalInt told, int standIn, String... dependent) {
    if (told.isEmpty()) {
      isTold = false;
      guesses.addAll(List.of(dependent));
    }
    return told.orElse(standIn);
  }

  private static String description(VarConfig config) {
    return String.format(
        "depth %d, width %d, %d heads, %s AdaLN",
        config.depth(),
        config.width(),
        config.heads(),
        config.adaLn() == AdaLn.SHARED ? "shared" : "per-block");
  }
}
