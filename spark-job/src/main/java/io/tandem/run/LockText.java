package io.tandem.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What {@code _lock} says.
 *
 * @param owner a UUID of its own for each time that a lock is taken
 * @param process that took it
 * @param user whose process it is
 * @param application id that the cluster gave, or empty
 * @param acquired when it was taken
 * @param heartbeat when its owner was last known to live
 */
record LockText(
    String owner,
    RunningProcess process,
    String user,
    String application,
    Instant acquired,
    Instant heartbeat) {

  private static final String KIND = "tandem-lock";
  private static final int VERSION = 1;

  /** It becomes part of a file name. */
  private static final Pattern OWNER = Pattern.compile("[0-9a-f-]{36}");

  LockText {
    if (!OWNER.matcher(owner).matches()) {
      throw new IllegalArgumentException("its owner is " + Shown.text(owner) + ", no UUID");
    }
  }

  static LockText of(RunningProcess process, String application, Clock clock) {
    Instant now = clock.instant();
    String user = System.getProperty("user.name", "");
    return new LockText(UUID.randomUUID().toString(), process, user, application, now, now);
  }

  /**
   * Returns a stand-in for a lock that nobody can read.
   *
   * @param content what was found; the same content has the same owner
   * @param written when
   */
  static LockText unreadable(byte[] content, Instant written) {
    RunningProcess nobody = new RunningProcess("?", "?", 0, 0, Instant.EPOCH);
    byte[] name =
        (new String(content, StandardCharsets.ISO_8859_1) + written)
            .getBytes(StandardCharsets.ISO_8859_1);
    return new LockText(UUID.nameUUIDFromBytes(name).toString(), nobody, "?", "", written, written);
  }

  LockText at(Instant beat) {
    return new LockText(owner, process, user, application, acquired, beat);
  }

  LockText by(String named) {
    return new LockText(owner, process, user, named, acquired, heartbeat);
  }

  /** Returns who holds it, for a message. */
  String described(Instant now) {
    if (process.pid() == 0) {
      return "somebody whose lock cannot be read (written %s ago)"
          .formatted(Shown.duration(Duration.between(heartbeat, now)));
    }
    return "process %d on host '%s' (user '%s', %ssince %s, last heartbeat %s ago)"
        .formatted(
            process.pid(),
            Shown.text(process.host()),
            Shown.text(user),
            application.isEmpty() ? "" : "application '" + Shown.text(application) + "', ",
            acquired,
            Shown.duration(Duration.between(heartbeat, now)));
  }

  byte[] bytes() {
    ObjectNode json = Fields.written(KIND, VERSION);
    json.put("owner", owner);
    process.write(json);
    json.put("user", user)
        .put("application", application)
        .put("acquired", acquired.toString())
        .put("heartbeat", heartbeat.toString());
    return Fields.bytes(json);
  }

  static LockText read(String file, byte[] content) {
    return Fields.read(file, content, KIND, VERSION).made(LockText::read);
  }

  private static LockText read(Fields fields) {
    return new LockText(
        fields.text("owner"),
        RunningProcess.read(fields),
        fields.text("user"),
        fields.text("application"),
        fields.instant("acquired"),
        fields.instant("heartbeat"));
  }
}
