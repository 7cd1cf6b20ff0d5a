package io.tandem.table;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One start of a run that came to its end.
 *
 * @param runId the run
 * @param ending when it ran and how it ended
 * @param setup what it was asked for
 * @param weights the weights it decoded with
 * @param place what it ran on
 * @param result what it made
 */
public record RunRow(
    String runId, Ending ending, Setup setup, List<Weights> weights, Place place, Result result) {

  public RunRow {
    weights = List.copyOf(weights);
  }

  /**
   * When a start ran and how it ended.
   *
   * @param start its first moment
   * @param end its last one
   * @param exitCode what the shell gets
   */
  public record Ending(Instant start, Instant end, int exitCode) {}

  /**
   * What a start was asked for.
   *
   * @param settings by name, secrets left out
   * @param identity the numeric identity, by name
   * @param plan which model decodes which scales, in the notation of the command line
   */
  public record Setup(Map<String, String> settings, Map<String, String> identity, String plan) {

    public Setup {
      settings = Map.copyOf(settings);
      identity = Map.copyOf(identity);
    }
  }

  /**
   * Weights of a model.
   *
   * @param name what the plan calls the model
   * @param origin where they are from, as the user gave it
   * @param bytes length of the file
   * @param sha256 its digest
   */
  public record Weights(String name, String origin, long bytes, String sha256) {}

  /**
   * What a start ran on.
   *
   * @param machine the machine in words
   * @param versions of libraries, by name
   */
  public record Place(String machine, Map<String, String> versions) {

    public Place {
      versions = Map.copyOf(versions);
    }
  }

  /**
   * What a start made.
   *
   * @param images rows with an image
   * @param failed rows without
   * @param imagesPerSecond from the first image to the last
   * @param latency how long images took, none if that was not measured
   */
  public record Result(
      long images, long failed, double imagesPerSecond, Optional<LatencyPercentiles> latency) {}
}
