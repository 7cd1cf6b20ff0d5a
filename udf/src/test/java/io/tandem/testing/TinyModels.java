package io.tandem.testing;

import io.tandem.kernel.TrainingTensors;
import io.tandem.kernel.TransformerTrainingKernel.FrozenQuantizer;
import io.tandem.model.AdaLn;
import io.tandem.model.DeviceSpec;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.train.TrainingWeights;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.RandomVqWeights;
import java.util.List;
import java.util.Random;

/** Models with random weights that are as small as the architecture allows. */
public final class TinyModels {

  /** 30 tokens. */
  public static final ScaleSchedule SCHEDULE = new ScaleSchedule(List.of(1, 2, 3, 4));

  public static final int VOCABULARY = 24;

  public static final int CODE_CHANNELS = 8;

  /** Pictures of {@link #PICTURE_SIDE} pixels give maps of side 4. */
  public static final VqConfig TOKENISER =
      new VqConfig(32, List.of(1, 1), 1, VOCABULARY, CODE_CHANNELS, 4);

  public static final int PICTURE_SIDE = 8;

  private TinyModels() {}

  /** Returns an architecture of five classes, with two heads of eight channels. */
  public static VarConfig transformer(int depth, AdaLn adaLn) {
    return new VarConfig(
        depth, 16, 2, 5, adaLn, new LatentSpace(VOCABULARY, CODE_CHANNELS, SCHEDULE));
  }

  public static TrainingTensors transformer(VarConfig config, long seed, NumberFormat format) {
    return TrainingWeights.load(
        RandomVarWeights.of(config, seed), name -> true, format, DeviceSpec.CPU);
  }

  public static TrainingTensors tokeniser(long seed, NumberFormat format) {
    return TrainingWeights.load(
        RandomVqWeights.of(TOKENISER, seed), name -> true, format, DeviceSpec.CPU);
  }

  /** Returns the quantiser that transformers learn with. */
  public static FrozenQuantizer quantizer(NumberFormat format) {
    return TrainingWeights.quantizer(
        RandomVqWeights.of(TOKENISER, 1),
        SCHEDULE,
        TOKENISER.residualConvolutions(),
        format,
        DeviceSpec.CPU);
  }

  public static void close(FrozenQuantizer quantizer) {
    quantizer.weights().close();
    quantizer.geometry().close();
  }

  /** Returns random ids for all scales of some images, image by image. */
  public static long[] tokens(int images, long seed) {
    return new Random(seed).longs((long) images * SCHEDULE.totalTokens(), 0, VOCABULARY).toArray();
  }
}
