package io.tandem.pack;

import io.tandem.generate.TokenLikelihood;
import io.tandem.npz.NpzFile;
import io.tandem.npz.NpzWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Cross-entropy of a transformer on held-out tokens: sums by scale over pictures and tokens. */
final class CrossEntropyTask implements WorkFolder.Task<List<Double>> {

  private static final String SUMS = "cross_entropy";

  private final String model;
  private final LoadedPack pack;
  private final HeldOutTokens tokens;
  private final String tokenIdentity;
  private final TokenLikelihood likelihood;

  /**
   * Makes a task.
   *
   * @param model name of the transformer
   * @param tokens picture i is of class i mod the number of classes
   * @param tokenIdentity what decides the tokens
   */
  CrossEntropyTask(String model, LoadedPack pack, HeldOutTokens tokens, String tokenIdentity) {
    this.model = model;
    this.pack = pack;
    this.tokens = tokens;
    this.tokenIdentity = tokenIdentity;
    this.likelihood = new TokenLikelihood(pack.models());
  }

  @Override
  public String name() {
    return "cross-entropy-" + model;
  }

  @Override
  public String identity() {
    return pack.transformerIdentity(List.of(model)) + "\n" + tokenIdentity;
  }

  @Override
  public List<Double> compute(long first, long end) {
    int batch = pack.settings().amounts().batchSize();
    double[] sums = new double[tokens.schedule().scales()];
    for (int at = (int) first; at < end; at += batch) {
      int next = (int) Math.min(end, at + batch);
      int[] labels = IntStream.range(at, next).map(i -> i % pack.models().classes()).toArray();
      double[] some = likelihood.crossEntropy(model, labels, tokens.maps(at, next));
      Arrays.setAll(sums, scale -> sums[scale] + some[scale]);
    }
    return Arrays.stream(sums).boxed().toList();
  }

  @Override
  public void write(NpzWriter npz, List<Double> part) {
    npz.doubles(SUMS, part.stream().mapToDouble(Double::doubleValue).toArray(), part.size());
  }

  @Override
  public List<Double> read(NpzFile npz) {
    return Arrays.stream(npz.array(SUMS).toDoubles()).boxed().toList();
  }
}
