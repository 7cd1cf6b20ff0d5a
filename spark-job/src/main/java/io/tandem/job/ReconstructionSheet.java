package io.tandem.job;

import io.tandem.dataset.LabelledImages;
import io.tandem.generate.DecodeObserver;
import io.tandem.generate.TokenDecoder;
import io.tandem.generate.TokenEncoder;
import io.tandem.image.ContactSheet;
import io.tandem.image.PixelRounding;
import io.tandem.image.RgbImage;
import io.tandem.model.ScaleSchedule;
import io.tandem.quality.PeakSignalToNoise;
import io.tandem.vq.ImageEncoder;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Pictures, each above its reconstruction by a tokeniser and the fidelity of that in decibels.
 *
 * @param images to reconstruct
 * @param schedule of the token maps
 * @param place where the tokeniser runs
 */
record ReconstructionSheet(LabelledImages images, ScaleSchedule schedule, TrainingPlace place)
    implements StagePictures {

  @Override
  public RgbImage draw(WeightSource weights) {
    List<RgbImage> cells = new ArrayList<>();
    List<String> captions = new ArrayList<>();
    for (long i = 0; i < images.size(); i++) {
      cells.add(images.image(i));
      captions.add(images.classNames().get(images.classId(i)));
    }
    List<RgbImage> again = reconstructed(weights, List.copyOf(cells));
    for (int i = 0; i < again.size(); i++) {
      PeakSignalToNoise fidelity = new PeakSignalToNoise();
      fidelity.add(cells.get(i), again.get(i));
      captions.add(String.format(Locale.ROOT, "%.1f dB", fidelity.pooled()));
    }
    int columns = cells.size();
    cells.addAll(again);
    return ContactSheet.of(cells, captions, columns);
  }

  private List<RgbImage> reconstructed(WeightSource weights, List<RgbImage> pictures) {
    List<long[]> tokens;
    try (ImageEncoder encoder =
        ImageEncoder.load(weights, schedule, place.precision(), place.device())) {
      tokens = new TokenEncoder(encoder, place.device()).encode(pictures);
    }
    try (Tokenizer tokenizer =
        Tokenizer.load(weights, schedule, place.precision(), place.device())) {
      return new TokenDecoder(tokenizer, schedule, place.device())
          .decode(tokens, PixelRounding.NEAREST, DecodeObserver.NONE);
    }
  }
}
