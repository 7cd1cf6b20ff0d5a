package io.tandem.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.base.UserError;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * What {@code status.json} says, for those who watch a run from outside: how the process ended is
 * not always to be had from a cluster. It decides nothing of what a run holds; where it does not
 * say that the run is done, the next start writes summary and contact sheet again.
 *
 * @param state how far the run is
 * @param exitCode of the process, empty while it runs
 * @param images how many there are
 * @param started when this process began
 * @param updated when this was written
 * @param message what went wrong, or empty
 */
public record RunStatus(
    RunState state,
    OptionalInt exitCode,
    ImageCounts images,
    Instant started,
    Instant updated,
    String message) {

  private static final String KIND = "tandem-status";
  private static final int VERSION = 1;
  private static final String EXIT_CODE = "exit_code";

  /** Longest message that is stored. */
  private static final int LONGEST = 4000;

  public RunStatus {
    message = UserInfo.hidden(message);
    message = message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "...";
  }

  /** Returns the status of a process that began at {@code started} and goes on. */
  public static RunStatus running(ImageCounts images, Instant started) {
    return new RunStatus(RunState.RUNNING, OptionalInt.empty(), images, started, Instant.now(), "");
  }

  /** Returns the status of a process that began as this one and ends now. */
  public RunStatus ended(RunState end, int code, ImageCounts counts, String why) {
    return new RunStatus(end, OptionalInt.of(code), counts, started, Instant.now(), why);
  }

  byte[] bytes() {
    ObjectNode json = Fields.written(KIND, VERSION);
    json.put("state", state.text());
    exitCode.ifPresentOrElse(code -> json.put(EXIT_CODE, code), () -> json.putNull(EXIT_CODE));
    json.put("images_planned", images.planned())
        .put("images_committed", images.committed())
        .put("images_failed", images.failed())
        .put("started", started.toString())
        .put("updated", updated.toString())
        .put("message", message);
    return Fields.bytes(json);
  }

  static RunStatus read(String file, byte[] content) {
    return Fields.read(file, content, KIND, VERSION).made(RunStatus::read);
  }

  private static RunStatus read(Fields fields) {
    String name = fields.text("state");
    RunState state =
        Arrays.stream(RunState.values())
            .filter(each -> each.text().equals(name))
            .findFirst()
            .orElseThrow(() -> UserError.of("there is no state '%s'", Shown.text(name)));
    OptionalInt exitCode =
        fields.isNull(EXIT_CODE) ? OptionalInt.empty() : OptionalInt.of(fields.index(EXIT_CODE));
    ImageCounts images =
        new ImageCounts(
            fields.number("images_planned", 0),
            fields.number("images_committed", 0),
            fields.number("images_failed", 0));
    return new RunStatus(
        state,
        exitCode,
        images,
        fields.instant("started"),
        fields.instant("updated"),
        fields.text("message"));
  }
}
