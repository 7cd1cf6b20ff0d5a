package io.tandem.executor;

import io.tandem.generate.DecodeConfig;
import io.tandem.image.ImageCodec;
import io.tandem.metrics.LatencyMode;
import io.tandem.model.Precision;
import io.tandem.wave.SampleBatches;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run makes and how: all that an executor is told.
 *
 * @param runId name of the run
 * @param models where the weights are
 * @param decode how images are decoded
 * @param sampling which samples there are
 * @param execution how they are computed
 * @param output what is kept of them
 */
public record GenerateSpec(
    String runId,
    ModelNames models,
    DecodeConfig decode,
    Sampling sampling,
    Execution execution,
    Output output)
    implements Serializable {

  /**
   * The models of a run.
   *
   * @param transformers those that the plan names
   * @param tokeniser what they share
   */
  public record ModelNames(List<NamedModel> transformers, NamedModel tokeniser)
      implements Serializable {

    public ModelNames {
      transformers = List.copyOf(transformers);
    }
  }

  /**
   * The samples of a run.
   *
   * @param seed of all random draws
   * @param batches how samples are grouped and labelled
   */
  public record Sampling(long seed, SampleBatches batches) implements Serializable {}

  /**
   * How samples are computed.
   *
   * @param precision format of products
   * @param device where
   * @param threads of a kernel on the processor
   * @param smallerBatches what happens to a batch that does not fit
   * @param latency what is measured
   * @param identity what the executors must be, so that images do not depend on them
   */
  public record Execution(
      Precision precision,
      DeviceChoice device,
      int threads,
      SmallerBatches smallerBatches,
      LatencyMode latency,
      NumericIdentity identity)
      implements Serializable {

    public Execution {
      if (threads < 1) {
        throw new IllegalArgumentException("Cannot decode with " + threads + " threads");
      }
    }
  }

  /**
   * What is kept of an image.
   *
   * @param codec format of pictures
   * @param classNames by class; empty if classes have no names
   * @param features what goes with each image: nothing, or those of one network
   */
  public record Output(ImageCodec codec, List<String> classNames, List<FeatureColumn> features)
      implements Serializable {

    public Output {
      classNames = List.copyOf(classNames);
      features = List.copyOf(features);
      if (features.size() > 1) {
        throw new IllegalArgumentException("There is one column of features, not " + features);
      }
    }
  }

  public GenerateSpec {
    Set<String> named = new HashSet<>();
    models.transformers.forEach(model -> named.add(model.name()));
    if (!named.equals(Set.copyOf(decode.plan().models()))) {
      throw new IllegalArgumentException(
          "The plan '" + decode.plan() + "' is not for the models " + named);
    }
    if (named.size() != models.transformers.size()) {
      throw new IllegalArgumentException("Two models have one name among " + models.transformers);
    }
  }
}
