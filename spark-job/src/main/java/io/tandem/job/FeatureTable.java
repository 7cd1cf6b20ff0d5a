package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.Sha256;
import io.tandem.executor.FeaturesSchema;
import io.tandem.fid.FeatureSet;
import io.tandem.table.ChunkFacts;
import io.tandem.table.FeatureStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * The features of a set of pictures in a store. Immutable.
 *
 * @param name what messages call the set
 * @param store where the features are
 * @param found its files
 * @param facts of its chunks, in order
 */
record FeatureTable(
    String name, FeatureStore store, FeatureStore.Found found, List<ChunkFacts> facts) {

  /** Features that the heap may hold at once, as a share of it. */
  private static final double HEAP_SHARE = 0.6;

  FeatureTable {
    facts = List.copyOf(facts);
  }

  /** Returns the number of samples with features. */
  int samples() {
    return Math.toIntExact(facts.stream().mapToLong(ChunkFacts::usable).sum());
  }

  /** Returns the samples of a status that have none, in order. */
  List<ChunkFacts.Problem> problems(String status) {
    return facts.stream()
        .flatMap(chunk -> chunk.problems().stream())
        .filter(problem -> problem.status().equals(status))
        .toList();
  }

  /** Returns the class of each sample with features, in order; −1 where it is unknown. */
  int[] classes() {
    return facts.stream()
        .flatMap(chunk -> chunk.classes().stream())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Returns how many pictures have each size. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new TreeMap<>();
    facts.forEach(chunk -> chunk.sizes().forEach((size, n) -> sizes.merge(size, n, Long::sum)));
    return sizes;
  }

  /** Returns how many pictures come from each format. */
  Map<String, Long> formats() {
    Map<String, Long> formats = new TreeMap<>();
    facts.forEach(
        chunk -> chunk.formats().forEach((format, n) -> formats.merge(format, n, Long::sum)));
    return formats;
  }

  /** Returns how many logits there are of a picture. */
  int logits() {
    return facts.stream().mapToInt(chunk -> chunk.widths().logits()).max().orElse(0);
  }

  private int dimension() {
    return facts.stream().mapToInt(chunk -> chunk.widths().features()).max().orElse(0);
  }

  /** Returns the digest of index, class and pixels of all samples with features. */
  String sha256() {
    MessageDigest digest = Sha256.start();
    facts.forEach(chunk -> digest.update(chunk.sha256().getBytes(StandardCharsets.US_ASCII)));
    return Sha256.hex(digest);
  }

  /** Returns whether the heap can hold the features of this many samples beside other things. */
  boolean fits(long samples) {
    return Float.BYTES * (double) samples * dimension()
        <= HEAP_SHARE * Runtime.getRuntime().maxMemory();
  }

  /**
   * Returns the features of all samples.
   *
   * @param purpose what messages say they are for
   * @throws io.tandem.base.UserError if the heap cannot hold them
   */
  FeatureSet vectors(String purpose) {
    check(
        fits(samples()),
        "Cannot compute %s of %d samples: their features take %d MiB (%d%% of the heap, which has"
            + " %d MiB). Give the JVM more with -Xmx, or leave it out of --metrics.",
        purpose,
        samples(),
        ((long) Float.BYTES * samples() * dimension()) >> 20,
        Math.round(100 * HEAP_SHARE),
        Runtime.getRuntime().maxMemory() >> 20);
    return vectors(place -> true);
  }

  /** Returns the features of the samples whose places in the set are wanted. */
  FeatureSet vectors(LongPredicate wanted) {
    List<float[]> vectors = new ArrayList<>();
    long[] place = {0};
    store.forEachVector(
        found,
        FeatureStore.Tap.FEATURES,
        vector -> {
          if (wanted.test(place[0]++)) {
            vectors.add(vector);
          }
        });
    return FeatureSet.of(vectors);
  }

  /**
   * Returns evenly spaced samples, all if there are no more.
   *
   * @param most how many
   */
  FeatureSet sample(int most) {
    long all = samples();
    return all <= most
        ? vectors(place -> true)
        : vectors(place -> place * most / all != (place - 1) * most / all || place == 0);
  }

  /** Returns the samples that never had a picture. */
  List<ChunkFacts.Problem> failed() {
    return problems(FeaturesSchema.FAILED);
  }

  /** Returns the samples whose pictures cannot be read. */
  List<ChunkFacts.Problem> unusable() {
    return problems(FeaturesSchema.UNUSABLE);
  }
}
