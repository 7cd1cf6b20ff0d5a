package io.tandem.job;

import io.tandem.generate.BatchRequest;
import io.tandem.generate.DecodeConfig;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.ImageGenerator;
import io.tandem.generate.ModelSet;
import io.tandem.generate.Sample;
import io.tandem.image.ContactSheet;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.metrics.LatencyMode;
import io.tandem.metrics.LatencyRecorder;
import io.tandem.plan.DecodePlan;
import io.tandem.plan.GuidanceSchedule;
import io.tandem.plan.PerScale;
import io.tandem.sample.SamplingConfig;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Samples of a transformer, one class in each column, always of the same indexes and seed.
 *
 * @param tokeniser turns tokens into pictures; stays open
 * @param cast which scales the transformer decodes, and who the others
 * @param classNames the first ten are shown
 * @param place where the models run
 */
record SampleSheet(WeightSource tokeniser, Cast cast, List<String> classNames, TrainingPlace place)
    implements StagePictures {

  private static final int CLASSES = 10;
  private static final int ROWS = 4;
  private static final long SEED = 0;
  private static final double GUIDANCE = 1.5;

  private static final String TRAINED = "trained";
  private static final String OTHER = "other";

  /**
   * Who decodes what.
   *
   * @param scales number of scales
   * @param first the first scale of the transformer in training, from 0
   * @param end the scale after its last one
   * @param other decodes the other scales, if there are any; stays open
   */
  record Cast(int scales, int first, int end, Optional<WeightSource> other) {

    /** Returns whether every scale has a model. */
    boolean isFull() {
      return other.isPresent() || (first == 0 && end == scales);
    }

    private DecodePlan plan() {
      return new DecodePlan(
          new PerScale<>(
              IntStream.range(0, scales)
                  .mapToObj(scale -> scale >= first && scale < end ? TRAINED : OTHER)
                  .toList()));
    }
  }

  @Override
  public RgbImage draw(WeightSource weights) {
    DecodePlan plan = cast.plan();
    Map<String, WeightSource> transformers = new LinkedHashMap<>();
    for (String name : plan.models()) {
      transformers.put(name, name.equals(TRAINED) ? weights : cast.other.orElseThrow());
    }
    DecodeConfig config =
        new DecodeConfig(
            plan,
            GuidanceSchedule.everywhere(GUIDANCE, cast.scales),
            SamplingConfig.plain(cast.scales),
            PixelRounding.NEAREST);
    int columns = Math.min(CLASSES, classNames.size());
    List<RgbImage> pictures = new ArrayList<>();
    List<String> captions = new ArrayList<>();
    try (ModelSet models =
        ModelSet.load(transformers, tokeniser, place.precision(), place.device())) {
      ImageGenerator generator = new ImageGenerator(models, config);
      for (int row = 0; row < ROWS; row++) {
        pictures.addAll(row(generator, row, columns));
        captions.addAll(classNames.subList(0, columns));
      }
    }
    return ContactSheet.of(pictures, captions, columns);
  }

  private static List<RgbImage> row(ImageGenerator generator, int row, int columns) {
    List<Sample> samples =
        IntStream.range(0, columns)
            .mapToObj(column -> new Sample((long) row * columns + column, column))
            .toList();
    return generator
        .generate(
            BatchRequest.of(SEED, samples),
            new LatencyRecorder(LatencyMode.OFF, () -> {}),
            DecodeObserver.NONE)
        .images();
  }
}
