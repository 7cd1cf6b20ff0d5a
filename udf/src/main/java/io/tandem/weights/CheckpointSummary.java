package io.tandem.weights;

import io.tandem.model.FeatureConfig;
import io.tandem.model.NumberFormat;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is in a checkpoint, also in one that cannot be loaded.
 *
 * @param kind what its tensors belong to
 * @param transformer architecture of a transformer, if it is one and can be told
 * @param tokeniser architecture of a tokeniser, if it is one and can be told
 * @param features architecture of a feature network, if it is one and can be told
 * @param contents counts over all tensors
 * @param findings how the tensors differ from those of the architecture; none for an unknown kind
 */
public record CheckpointSummary(
    CheckpointKind kind,
    Optional<VarConfig> transformer,
    Optional<VqConfig> tokeniser,
    Optional<FeatureConfig> features,
    Contents contents,
    CheckpointFindings findings) {

  private static final CheckpointFindings NONE =
      new CheckpointFindings(List.of(), List.of(), List.of());

  /**
   * Counts over all tensors of a checkpoint.
   *
   * @param tensors number of tensors
   * @param parameters numbers in trained tensors: all but masks, zeros, statistics and {@code
   *     lvl_1L}
   * @param bytes size of the file
   * @param formats number formats of the trained tensors
   */
  public record Contents(int tensors, long parameters, long bytes, Set<NumberFormat> formats) {}

  /** Returns the summary of {@code source}, of which it reads only {@code lvl_1L}. */
  public static CheckpointSummary of(WeightSource source) {
    CheckpointKind kind = CheckpointKind.of(source);
    Contents contents = contents(source);
    return switch (kind) {
      case TRANSFORMER -> {
        VarCheckpoint.Reading reading = VarCheckpoint.reading(source);
        yield new CheckpointSummary(
            kind,
            reading.config(),
            Optional.empty(),
            Optional.empty(),
            contents,
            reading.findings());
      }
      case TOKENISER -> {
        VqCheckpoint.Reading reading = VqCheckpoint.reading(source);
        yield new CheckpointSummary(
            kind,
            Optional.empty(),
            reading.config(),
            Optional.empty(),
            contents,
            reading.findings());
      }
      case FEATURES -> {
        FeatureCheckpoint.Reading reading = FeatureCheckpoint.reading(source);
        yield new CheckpointSummary(
            kind,
            Optional.empty(),
            Optional.empty(),
            reading.config(),
            contents,
            reading.findings());
      }
      case INCEPTION ->
          new CheckpointSummary(
              kind,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              contents,
              InceptionCheckpoint.reading(source).findings());
      case UNKNOWN ->
          new CheckpointSummary(
              kind, Optional.empty(), Optional.empty(), Optional.empty(), contents, NONE);
    };
  }

  private static Contents contents(WeightSource source) {
    long parameters = 0;
    Set<NumberFormat> formats = EnumSet.noneOf(NumberFormat.class);
    for (String name : source.names()) {
      if (!WeightNames.isIgnorable(name) && !name.equals(WeightNames.LEVELS)) {
        parameters += source.spec(name).numbers();
        formats.add(source.spec(name).format());
      }
    }
    return new Contents(source.names().size(), parameters, source.bytes(), formats);
  }
}
