package io.tandem.job;

import io.tandem.run.RunManifest;
import io.tandem.run.RunModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command that makes the images of a run again, from what {@code run.json} says alone. */
final class CommandOfRun {

  private static final String TOKENISER = "vae";
  private static final String OFF = "off";

  /** Settings that are options of the same name and notation. */
  private static final List<String> AS_THEY_ARE =
      List.of("top-k", "top-p", "temperature", "seed", "batch-size", "precision", "image-format");

  private final Map<String, String> settings;
  private final List<String> arguments = new ArrayList<>();

  private CommandOfRun(Map<String, String> settings) {
    this.settings = settings;
  }

  /**
   * Returns the arguments of {@code tandem}.
   *
   * @param place of the run
   */
  static List<String> arguments(RunManifest manifest, String place) {
    CommandOfRun command = new CommandOfRun(manifest.settings().options());
    command.arguments.add("generate");
    for (RunModel model : manifest.settings().models()) {
      if (model.name().equals(TOKENISER)) {
        command.add(TOKENISER, model.origin());
      } else {
        command.add("model", model.name() + "=" + model.origin());
      }
    }
    command.addSettings();
    String threads = manifest.settings().identity().get("threads");
    if (threads != null) {
      command.add("threads", threads);
    }
    RunImages.table(manifest)
        .ifPresentOrElse(
            table -> {
              command.add(RunImages.TABLE, table.format().toString());
              command.add("out", table.name());
              command.add("state", place);
            },
            () -> command.add("out", place));
    return command.arguments;
  }

  private void addSettings() {
    copy("plan");
    addGuidance(settings.getOrDefault("guidance", OFF));
    AS_THEY_ARE.forEach(this::copy);
    copy("pixel-rounding");
    copy("features");
    copy("profile");
    if ("true".equals(settings.get("greedy"))) {
      arguments.add("--greedy");
    }
    // A list of labels has its length; classes in turn go on for as long as is said.
    if (settings.containsKey("labels")) {
      copy("labels");
    } else {
      copy("classes");
      copy("images");
    }
  }

  private void addGuidance(String guidance) {
    int colon = guidance.indexOf(':');
    if (colon < 0) {
      add("guidance", guidance.equals(OFF) ? "0" : guidance);
    } else {
      add("guidance", guidance.substring(0, colon));
      add("guidance-scales", guidance.substring(colon + 1));
    }
  }

  private void copy(String name) {
    if (settings.containsKey(name)) {
      add(name, settings.get(name));
    }
  }

  private void add(String name, String value) {
    arguments.add("--" + name);
    arguments.add(value);
  }
}
