package io.tandem.pack;

import io.tandem.fid.FeatureMoments;
import io.tandem.fid.Jackknife;
import io.tandem.fid.MomentBlocks;
import io.tandem.image.RgbImage;
import io.tandem.quality.ClassAgreement;
import java.util.List;

/**
 * All pictures of a point as the feature network sees them; picture i is of class i mod the number
 * of classes.
 */
record SampleSet(
    List<float[]> features, List<Integer> classified, List<RgbImage> shown, long nanos) {

  static SampleSet of(List<SamplePart> parts) {
    return new SampleSet(
        parts.stream().flatMap(part -> part.features().stream()).toList(),
        parts.stream().flatMap(part -> part.classified().stream()).toList(),
        parts.stream().flatMap(part -> part.shown().stream()).toList(),
        parts.stream().mapToLong(SamplePart::nanos).sum());
  }

  /** Returns the moments of consecutive pictures, in as many blocks as the jackknife has groups. */
  List<FeatureMoments> blocks() {
    int length = Math.max(1, features.size() / Jackknife.GROUPS);
    MomentBlocks blocks = new MomentBlocks(new double[features.get(0).length], length);
    for (int i = 0; i < features.size(); i++) {
      blocks.add(i, features.get(i));
    }
    return blocks.blocks();
  }

  /** Returns how often the network takes a picture for what its label says. */
  ClassAgreement agreement(int classes) {
    ClassAgreement agreement = new ClassAgreement(classes);
    for (int i = 0; i < classified.size(); i++) {
      agreement.add(i % classes, classified.get(i));
    }
    return agreement;
  }
}
