package io.tandem.cli;

import io.tandem.plan.GuidanceSchedule;
import io.tandem.plan.PerScale;
import io.tandem.sample.SamplingConfig;
import io.tandem.sample.Selection;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of guidance and of how tokens are drawn. */
final class SamplingOptions {

  @Option(
      names = "--guidance",
      defaultValue = "1.5",
      paramLabel = "T",
      description = {
        "Strength of classifier-free guidance at the last scale, to which it grows linearly; 0 turns"
            + " it off (default ${DEFAULT-VALUE})."
      })
  private double guidance;

  @Option(
      names = "--guidance-scales",
      paramLabel = "SCALES",
      description = "Scales with guidance, such as 1-7 or 1-4,6 (default: all).")
  private String guidanceScales;

  @Option(
      names = "--top-k",
      defaultValue = "900",
      paramLabel = "K",
      description = {
        "How many of the likeliest tokens are kept, 0 for all; by scale: 600:1-7,900:8-10 (default"
            + " ${DEFAULT-VALUE})."
      })
  private String topK;

  @Option(
      names = "--top-p",
      defaultValue = "0.96",
      paramLabel = "P",
      description = {
        "Probability that the kept tokens share, 0 or 1 for all; by scale as --top-k (default"
            + " ${DEFAULT-VALUE})."
      })
  private String topP;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      paramLabel = "T",
      description = {
        "Divisor of the logits; by scale: 1.1:1-7,1.0:8-10 (default ${DEFAULT-VALUE})."
      })
  private String temperature;

  @Option(names = "--greedy", description = "Take the likeliest token everywhere.")
  private boolean greedy;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      converter = SeedConverter.class,
      description = "Seed of the run, up to 64 bits (default ${DEFAULT-VALUE}).")
  private long seed;

  /** Returns the guidance of images of {@code scales} scales. */
  GuidanceSchedule guidance(int scales) {
    return guidanceScales == null
        ? GuidanceSchedule.everywhere(guidance, scales)
        : GuidanceSchedule.parse(guidance, guidanceScales, scales);
  }

  /** Returns how tokens of images of {@code scales} scales are drawn. */
  SamplingConfig sampling(int scales) {
    return new SamplingConfig(
        PerScale.integers("--top-k", topK, scales).values(),
        PerScale.decimals("--top-p", topP, scales).values(),
        PerScale.decimals("--temperature", temperature, scales).values(),
        greedy ? Selection.GREEDY : Selection.GUMBEL);
  }

  /** Returns the seed, all of whose 64 bits count. */
  long seed() {
    return seed;
  }

  /** Takes the numbers from -2^63 to 2^64 - 1: both ways to write 64 bits. */
  static final class SeedConverter implements ITypeConverter<Long> {

    @Override
    public Long convert(String text) {
      try {
        return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
      } catch (NumberFormatException e) {
        TypeConversionException failure =
            new TypeConversionException("'" + text + "' is not a whole number of 64 bits");
        failure.initCause(e);
        throw failure;
      }
    }
  }
}
