package io.tandem.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.SortedMap;

/**
 * What {@code run.json} says: all that a later start needs to go on, save what is committed.
 *
 * @param origin which run it is
 * @param settings what settles its samples
 * @param plan its waves
 */
public record RunManifest(RunOrigin origin, RunSettings settings, WavePlan plan)
    implements Serializable {

  private static final String KIND = "tandem-generate-run";
  private static final int VERSION = 1;

  /** Returns the id of the run. */
  public String runId() {
    return origin.runId();
  }

  /**
   * Returns the manifest of the same run made longer.
   *
   * @param options of the new start, with the number of images that there are now
   * @param longer begins with the segments of this one's plan
   */
  public RunManifest extended(SortedMap<String, String> options, WavePlan longer) {
    int kept = plan.segments().size();
    if (longer.segments().size() < kept
        || !longer.segments().subList(0, kept).equals(plan.segments())) {
      throw new IllegalArgumentException(longer + " does not go on from " + plan);
    }
    return new RunManifest(
        origin, new RunSettings(options, settings.models(), settings.identity()), longer);
  }

  byte[] bytes() {
    ObjectNode json = Fields.written(KIND, VERSION);
    json.put("run_id", origin.runId())
        .put("tandem", origin.tandem())
        .put("created", origin.created().toString());
    ObjectNode options = json.putObject("settings");
    settings.options().forEach(options::put);
    ArrayNode models = json.putArray("models");
    settings.models().forEach(model -> model.write(models.addObject()));
    ObjectNode identity = json.putObject("identity");
    settings.identity().forEach(identity::put);
    ArrayNode segments = json.putArray("segments");
    plan.segments().forEach(segment -> segment.write(segments.addObject()));
    return Fields.bytes(json);
  }

  /**
   * Returns the manifest in {@code content}.
   *
   * @param file what messages call it
   * @throws io.tandem.base.UserError if it is none, or makes no sense
   */
  static RunManifest read(String file, byte[] content) {
    return Fields.read(file, content, KIND, VERSION).made(RunManifest::read);
  }

  private static RunManifest read(Fields fields) {
    RunOrigin origin =
        new RunOrigin(fields.text("run_id"), fields.text("tandem"), fields.instant("created"));
    RunSettings settings =
        new RunSettings(
            fields.texts("settings"),
            fields.list("models", RunModel::read),
            fields.texts("identity"));
    return new RunManifest(origin, settings, new WavePlan(fields.list("segments", Segment::read)));
  }
}
