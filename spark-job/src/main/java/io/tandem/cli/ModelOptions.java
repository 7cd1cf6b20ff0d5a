package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.plan.DecodePlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that name models and say which of them decodes which scale. */
final class ModelOptions {

  private static final String DRAFTER = "drafter";
  private static final String REFINER = "refiner";

  @Option(
      names = "--model",
      split = ConfigFile.SEPARATOR,
      paramLabel = "NAME=MODEL",
      description = {
        "A transformer and the name that the plan uses for it; can be repeated. MODEL is a"
            + " checkpoint (.pth or .safetensors), random:DEPTH or demo:NAME."
      })
  private List<String> models;

  @Option(
      names = "--vae",
      paramLabel = "MODEL",
      description = "The tokeniser: a checkpoint, random or demo.")
  private String vae;

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description = {
        "Which model decodes which scales, counted from 1: big:1-8,small:9-10. Not needed for one"
            + " model."
      })
  private String plan;

  @Option(
      names = "--drafter",
      paramLabel = "MODEL",
      description = "Short for --model drafter=MODEL in collaborative decoding.")
  private String drafter;

  @Option(
      names = "--refiner",
      paramLabel = "MODEL",
      description = "Short for --model refiner=MODEL in collaborative decoding.")
  private String refiner;

  @Option(
      names = "--draft-scales",
      paramLabel = "N",
      description = "How many scales the drafter decodes; the refiner decodes the rest.")
  private Integer draftScales;

  /** Returns whether any transformer is named. */
  boolean nameTransformers() {
    return models != null || drafter != null || refiner != null;
  }

  /**
   * Returns the transformers by the names that plans use.
   *
   * @throws io.tandem.base.UserError if they are not named, or named twice
   */
  Map<String, String> transformers() {
    boolean isShort = drafter != null || refiner != null || draftScales != null;
    if (!isShort) {
      check(
          models != null,
          "Cannot decode without a transformer. Pass --model NAME=MODEL, or --drafter, --refiner"
              + " and --draft-scales.");
      return named();
    }
    check(
        models == null && plan == null,
        "Cannot use --drafter, --refiner and --draft-scales together with --model or --plan: they"
            + " are short for them. Pass one or the other.");
    check(
        drafter != null && refiner != null && draftScales != null,
        "Cannot decode collaboratively with --drafter %s, --refiner %s and --draft-scales %s: all"
            + " three are needed",
        shown(drafter),
        shown(refiner),
        shown(draftScales));
    Map<String, String> both = new LinkedHashMap<>();
    both.put(DRAFTER, drafter);
    both.put(REFINER, refiner);
    return both;
  }

  private Map<String, String> named() {
    Map<String, String> named = new LinkedHashMap<>();
    for (String text : models) {
      int equals = text.indexOf('=');
      check(
          equals > 0 && equals < text.length() - 1,
          "Cannot use --model '%s': it is not NAME=MODEL (such as big=random:16)",
          text);
      String name = text.substring(0, equals);
      check(
          name.matches("[A-Za-z][A-Za-z0-9_.-]*"),
          "Cannot use --model '%s': '%s' is no name (a letter, then letters, digits, _, - or .)",
          text,
          name);
      check(
          named.put(name, text.substring(equals + 1)) == null,
          "Cannot use --model '%s': the name '%s' is given twice",
          text,
          name);
    }
    return named;
  }

  /** Returns what the tokeniser is named by. */
  String tokeniser() {
    check(vae != null, "Cannot decode without a tokeniser. Pass --vae FILE, --vae random or demo.");
    return vae;
  }

  /**
   * Returns the plan for images of {@code scales} scales.
   *
   * @throws io.tandem.base.UserError if it is malformed, or leaves a scale or a model out
   */
  DecodePlan plan(int scales) {
    if (draftScales != null) {
      return DecodePlan.collaborative(DRAFTER, REFINER, draftScales, scales);
    }
    Map<String, String> named = named();
    if (plan != null) {
      return DecodePlan.parse(plan, named.keySet(), scales);
    }
    check(
        named.size() == 1,
        "Cannot decode with %d models: nothing says which of them decodes which scale. Pass --plan"
            + " NAME:1-%d,NAME:%d or the like.",
        named.size(),
        scales - 1,
        scales);
    return DecodePlan.single(named.keySet().iterator().next(), scales);
  }

  private static String shown(Object value) {
    return value == null ? "missing" : "'" + value + "'";
  }
}
