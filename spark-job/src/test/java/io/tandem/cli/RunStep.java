package io.tandem.cli;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kind of step that a run takes in its file system, such as to give a file of images its final
 * name: steps that differ in wave, task and the random parts of names alone are of one kind.
 *
 * @param operation what is done
 * @param names what of, as a regular expression for the path below the folder of the run
 * @param times how often it was seen
 */
record RunStep(Operation operation, String names, int times) {

  private static final Map<String, String> VARYING = new LinkedHashMap<>();

  static {
    VARYING.put("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f-]{36}");
    VARYING.put("attempt_\\d+_\\d+_m_\\d+_\\d+", "attempt_\\\\w+");
    VARYING.put("task_\\d+_\\d+_m_\\d+", "task_\\\\w+");
    VARYING.put("part-\\d{5}", "part-\\\\d+");
    VARYING.put("wave=\\d+", "wave=\\\\d");
    VARYING.put("_waves/(\\.?)\\d+\\.json", "_waves/$1\\\\d.json");
    VARYING.put("\\d{4}-\\d\\d-\\d\\dT\\d{6}Z", "[0-9TZ-]{18}");
    VARYING.put("\\.[0-9a-f]{16}\\.tmp", "\\\\.[0-9a-f]{16}.tmp");
  }

  /** Returns the kinds of steps below {@code run} in a log, in the order of their first ones. */
  static List<RunStep> in(Path log, Path run) {
    Map<List<String>, Integer> kinds = new LinkedHashMap<>();
    String root = run.toString();
    for (String line : lines(log)) {
      String[] parts = line.split(" ", 3);
      boolean isBelow = parts[2].equals(root) || parts[2].startsWith(root + "/");
      if (!parts[1].equals("FAULT") && isBelow) {
        kinds.merge(List.of(parts[1], kind(parts[2].replace(root, ""))), 1, Integer::sum);
      }
    }
    List<RunStep> steps = new ArrayList<>();
    kinds.forEach(
        (kind, times) -> {
          String names = kind.get(1).replace(" -> ", " -> .*");
          steps.add(new RunStep(Operation.valueOf(kind.get(0)), names, times));
        });
    return steps;
  }

  private static String kind(String names) {
    String kind = names;
    for (Map.Entry<String, String> each : VARYING.entrySet()) {
      kind = kind.replaceAll(each.getKey(), each.getValue());
    }
    return kind;
  }

  /** Returns whether a fault happened below {@code run}, according to a log. */
  static boolean hadFault(Path log, Path run) {
    return lines(log).stream()
        .anyMatch(it -> it.contains(" FAULT ") && it.contains(run.toString()));
  }

  static List<String> lines(Path log) {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the fault at the first such step in a folder called {@code run}. */
  Fault fault(Moment moment, Effect effect) {
    return new Fault(operation, "/run" + names + "$", 1, moment, effect);
  }

  /** Returns this step of one wave alone. */
  RunStep of(int wave) {
    String one = names.replace("wave=\\d", "wave=" + wave).replace("\\d.json", wave + ".json");
    return new RunStep(operation, one, times);
  }

  boolean isOf(String text) {
    return names.contains(text);
  }

  /** Returns whether it is a step of the tables of waves. */
  boolean isOfWaves() {
    return isOf("wave=");
  }

  @Override
  public String toString() {
    return operation + " " + (names.isEmpty() ? "the folder" : names.substring(1));
  }
}
