package io.tandem.pack;

import io.tandem.image.RgbImage;
import io.tandem.npz.NpzArray;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Some consecutive pictures as the feature network sees them. n pictures, F features.
 *
 * @param features one vector [F] per picture
 * @param classified the likeliest class of each picture
 * @param shown those of the pictures that go on the contact sheet, the first of all samples
 * @param nanos how long it took to make the pictures, features left out; 0 where it is not told
 */
record SamplePart(
    List<float[]> features, List<Integer> classified, List<RgbImage> shown, long nanos) {

  private static final String FEATURES = "features";
  private static final String CLASSIFIED = "classified";
  private static final String SHOWN = "shown";
  private static final String NANOS = "nanos";

  SamplePart {
    features = List.copyOf(features);
    classified = List.copyOf(classified);
    shown = List.copyOf(shown);
  }

  /** Writes the arrays features [n, F], classified [n], nanos [1], and shown [m, s, s, 3]. */
  void write(NpzWriter npz) {
    int width = features.get(0).length;
    float[] all = new float[features.size() * width];
    for (int i = 0; i < features.size(); i++) {
      System.arraycopy(features.get(i), 0, all, i * width, width);
    }
    npz.floats(FEATURES, all, features.size(), width);
    npz.longs(
        CLASSIFIED, classified.stream().mapToLong(Integer::longValue).toArray(), classified.size());
    npz.longs(NANOS, new long[] {nanos}, 1);
    if (!shown.isEmpty()) {
      RgbImage first = shown.get(0);
      int bytes = 3 * first.width() * first.height();
      byte[] pixels = new byte[shown.size() * bytes];
      for (int i = 0; i < shown.size(); i++) {
        System.arraycopy(shown.get(i).rgb(), 0, pixels, i * bytes, bytes);
      }
      npz.bytes(SHOWN, pixels, shown.size(), first.height(), first.width(), 3);
    }
  }

  /** Reads what {@link #write} wrote. */
  static SamplePart read(NpzFile npz) {
    NpzArray array = npz.array(FEATURES);
    float[] all = array.toFloats();
    int count = Math.toIntExact(array.shape().get(0));
    int width = Math.toIntExact(array.shape().get(1));
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      features.add(Arrays.copyOfRange(all, i * width, (i + 1) * width));
    }
    List<Integer> classified =
        Arrays.stream(npz.array(CLASSIFIED).toLongs()).mapToObj(Math::toIntExact).toList();
    return new SamplePart(
        features, classified, shown(npz.find(SHOWN)), npz.array(NANOS).toLongs()[0]);
  }

  private static List<RgbImage> shown(Optional<NpzArray> array) {
    List<RgbImage> pictures = new ArrayList<>();
    if (array.isPresent()) {
      List<Long> shape = array.get().shape();
      int height = Math.toIntExact(shape.get(1));
      int width = Math.toIntExact(shape.get(2));
      int bytes = 3 * width * height;
      byte[] pixels = array.get().toBytes();
      for (int i = 0; i < shape.get(0); i++) {
        pictures.add(
            RgbImage.of(width, height, Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes)));
      }
    }
    return pictures;
  }
}
