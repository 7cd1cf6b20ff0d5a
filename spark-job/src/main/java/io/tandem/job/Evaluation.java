package io.tandem.job;

import io.tandem.table.ChunkFacts;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an evaluation came to.
 *
 * @param values of the metrics, by name: {@code fid}, {@code sfid}, {@code is} and {@code is_std},
 *     {@code precision}, {@code recall}, {@code density}, {@code coverage}, {@code kid} and {@code
 *     kid_std}, {@code fid_infinity}
 * @param errors standard errors of some of them, by the same names
 * @param images what was evaluated
 * @param reference what it was compared with
 * @param findings what else is to be known
 * @param conditions how it was computed
 */
public record Evaluation(
    Map<String, Double> values,
    Map<String, Double> errors,
    Images images,
    ReferenceUsed reference,
    Findings findings,
    Conditions conditions) {

  /** Keeps the order of the values. */
  public Evaluation {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    errors = Collections.unmodifiableMap(new LinkedHashMap<>(errors));
  }

  /**
   * Images that were evaluated.
   *
   * @param path as the user gave it
   * @param runId the run that they are of, if they are
   * @param samples how many have features
   * @param size of each, {@code 64 x 64}
   * @param formats how many come from files of each format
   * @param sha256 digest of indexes, classes and pixels
   */
  public record Images(
      String path,
      Optional<String> runId,
      long samples,
      String size,
      Map<String, Long> formats,
      String sha256) {

    /** Takes a sorted copy. */
    public Images {
      formats = Collections.unmodifiableSortedMap(new TreeMap<>(formats));
    }
  }

  /**
   * What images were compared with.
   *
   * @param path as the user gave it
   * @param sha256 digest of the file, or of its pictures
   * @param identity what it says of itself; empty for files of other tools
   * @param samples behind its statistics; −1 if it does not say
   * @param sampleSize pictures that precision, recall and KID were computed with; 0 for none
   */
  public record ReferenceUsed(
      String path, String sha256, String identity, long samples, long sampleSize) {}

  /**
   * What else is to be known.
   *
   * @param warnings in words
   * @param failed samples that never had an image
   * @param unusable images that cannot be read, which were passed over
   * @param perClass scores of single classes, by metric and class; empty unless they were asked for
   */
  public record Findings(
      List<String> warnings,
      List<ChunkFacts.Problem> failed,
      List<ChunkFacts.Problem> unusable,
      Map<String, SortedMap<Integer, Double>> perClass) {

    /** Takes copies. */
    public Findings {
      warnings = List.copyOf(warnings);
      failed = List.copyOf(failed);
      unusable = List.copyOf(unusable);
      perClass = Collections.unmodifiableMap(new LinkedHashMap<>(perClass));
    }
  }

  /**
   * How it was computed.
   *
   * @param profile which tool's rules were followed
   * @param network by what the features are known
   * @param features folder of the features
   * @param versions of libraries, by name
   * @param seconds of each step
   * @param evaluated when, in ISO 8601
   */
  public record Conditions(
      String profile,
      Network network,
      String features,
      Map<String, String> versions,
      Map<String, Double> seconds,
      String evaluated) {

    /** Takes copies. */
    public Conditions {
      versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
      seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    }

    /** Returns when it was. */
    Instant instant() {
      return Instant.parse(evaluated);
    }
  }

  /**
   * The feature network.
   *
   * @param name in words
   * @param weightsSha256 digest of its weights
   * @param dimension numbers in a feature vector
   */
  public record Network(String name, String weightsSha256, int dimension) {}
}
