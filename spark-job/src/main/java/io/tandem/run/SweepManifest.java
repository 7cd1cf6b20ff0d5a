package io.tandem.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code sweep.json} says: which runs belong together, and what makes them again.
 *
 * @param tandem version of Tandem that the last start had
 * @param started when that was
 * @param command arguments of {@code tandem}, without passwords in addresses
 * @param points in order
 * @param groups points that are made together
 */
public record SweepManifest(
    String tandem,
    Instant started,
    List<String> command,
    List<SweptPoint> points,
    List<SweptGroup> groups) {

  private static final String KIND = "tandem-sweep";
  private static final int VERSION = 1;

  public SweepManifest {
    command = command.stream().map(UserInfo::hidden).toList();
    points = List.copyOf(points);
    groups = List.copyOf(groups);
  }

  /**
   * A point of the grid.
   *
   * @param name of its folder
   * @param settings that the grid gives it, in order
   */
  public record SweptPoint(String name, Map<String, String> settings) {

    public SweptPoint {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
  }

  /**
   * Points that share what they decode in the same way.
   *
   * @param points their names
   * @param separateFlop work of the transformers for one image of each, one after another
   * @param sharedFlop the same without what would be computed twice: the bound of sharing
   */
  public record SweptGroup(List<String> points, double separateFlop, double sharedFlop) {

    public SweptGroup {
      points = List.copyOf(points);
    }

    /** Returns the part of the separate work that has to be done. */
    public double bound() {
      return sharedFlop / separateFlop;
    }
  }

  byte[] bytes() {
    ObjectNode json = Fields.written(KIND, VERSION);
    json.put("tandem", tandem).put("started", started.toString());
    ArrayNode arguments = json.putArray("command");
    command.forEach(argument -> arguments.addObject().put("argument", argument));
    ArrayNode all = json.putArray("points");
    for (SweptPoint point : points) {
      ArrayNode settings = all.addObject().put("name", point.name()).putArray("settings");
      point
          .settings()
          .forEach((name, value) -> settings.addObject().put("option", name).put("value", value));
    }
    ArrayNode together = json.putArray("groups");
    for (SweptGroup group : groups) {
      ArrayNode names =
          together
              .addObject()
              .put("separate_flop", Double.toString(group.separateFlop()))
              .put("shared_flop", Double.toString(group.sharedFlop()))
              .putArray("points");
      group.points().forEach(name -> names.addObject().put("name", name));
    }
    return Fields.bytes(json);
  }

  /**
   * Returns the manifest in {@code content}.
   *
   * @param file what messages call it
   * @throws io.tandem.base.UserError if it is none, or makes no sense
   */
  static SweepManifest read(String file, byte[] content) {
    return Fields.read(file, content, KIND, VERSION).made(SweepManifest::read);
  }

  private static SweepManifest read(Fields fields) {
    return new SweepManifest(
        fields.text("tandem"),
        fields.instant("started"),
        fields.list("command", each -> each.text("argument")),
        fields.list("points", SweepManifest::point),
        fields.list("groups", SweepManifest::group));
  }

  private static SweptPoint point(Fields fields) {
    Map<String, String> settings = new LinkedHashMap<>();
    fields.list("settings", each -> settings.put(each.text("option"), each.text("value")));
    return new SweptPoint(SweepFolder.checkedName(fields.text("name")), settings);
  }

  private static SweptGroup group(Fields fields) {
    return new SweptGroup(
        fields.list("points", each -> each.text("name")),
        Double.parseDouble(fields.text("separate_flop")),
        Double.parseDouble(fields.text("shared_flop")));
  }
}
