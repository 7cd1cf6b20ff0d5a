package io.tandem.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.generate.ModelSet;
import io.tandem.generate.Sample;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models with random weights, and what the public reference implementation makes of them.
 *
 * @param folder case.json, expected.npz and the checkpoints
 * @param description the parsed case.json
 * @param expected the arrays
 */
public record GoldenCase(Path folder, JsonNode description, NpzFile expected) {

  public static GoldenCase tiny() {
    try {
      return in(Path.of(GoldenCase.class.getResource("/io/tandem/golden/tiny").toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static GoldenCase in(Path folder) {
    try {
      JsonNode description = new ObjectMapper().readTree(folder.resolve("case.json").toFile());
      return new GoldenCase(folder, description, NpzFile.open(folder.resolve("expected.npz")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public WeightSource drafter() {
    return open(description.get("drafter").asText());
  }

  public WeightSource refiner() {
    return open(description.get("refiner").asText());
  }

  public WeightSource tokenizer() {
    return open("vae.pth");
  }

  private WeightSource open(String file) {
    return WeightFiles.open(folder.resolve(file).toString());
  }

  /** Returns the models under the names of the keys, each one the drafter or the refiner. */
  public ModelSet models(Map<String, WeightSource> transformers, Precision precision) {
    Map<String, WeightSource> sources = new LinkedHashMap<>(transformers);
    try (WeightSource tokenizer = tokenizer()) {
      return ModelSet.load(sources, tokenizer, precision, DeviceSpec.CPU);
    } finally {
      sources.values().forEach(WeightSource::close);
    }
  }

  public int scales() {
    return description.get("patch_nums").size();
  }

  public int draftScales() {
    return description.get("draft_scales").asInt();
  }

  public double guidance() {
    return description.get("cfg").asDouble();
  }

  public List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (JsonNode label : description.get("labels")) {
      samples.add(new Sample(samples.size(), label.asInt()));
    }
    return samples;
  }

  /** Returns the token maps that an array family pins, such as {@code code_tokens_}. */
  public List<long[]> tokens(String prefix) {
    List<long[]> tokens = new ArrayList<>();
    for (int scale = 0; scale < scales(); scale++) {
      tokens.add(expected.longs(prefix + scale));
    }
    return tokens;
  }
}
