package io.tandem.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A process, told from every other one, so that processes of the same machine can see whether it
 * still lives.
 *
 * @param host name of its machine, for people
 * @param space what its pid is unique in: the start of the system and, of containers, which one;
 *     elsewhere than on Linux the name of the machine
 * @param pid its number there
 * @param startTicks clock ticks from the start of the system to that of the process, which do not
 *     move when somebody sets the clock; 0 elsewhere than on Linux
 * @param start when it was started
 */
record RunningProcess(String host, String space, long pid, long startTicks, Instant start) {

  /** What is known of a process from here. */
  enum Life {
    ALIVE,
    GONE,
    /** It is of another machine or container, or hidden. */
    UNKNOWN
  }

  private static final Path PROC = Path.of("/proc");

  /** Start times of the same process, read by two others, differ by less. */
  private static final Duration TOLERANCE = Duration.ofSeconds(2);

  /** Number of the field "starttime" in proc(5), of those after the name. */
  private static final int START_TICKS = 19;

  /** Returns the process that this runs in. */
  static RunningProcess current() {
    return of(ProcessHandle.current());
  }

  /** Returns a process of this machine. */
  static RunningProcess of(ProcessHandle process) {
    Instant start = process.info().startInstant().orElse(Instant.EPOCH);
    Optional<String[]> stat = stat(process.pid());
    long ticks = stat.map(fields -> Long.parseLong(fields[START_TICKS])).orElse(0L);
    String host = hostName();
    return new RunningProcess(host, space(host), process.pid(), ticks, start);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The message begins with the name, which has no address.
      return String.valueOf(e.getMessage()).split(":", -1)[0];
    }
  }

  private static String space(String host) {
    try {
      String boot = Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
      return boot + " " + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return host;
    }
  }

  /** Returns whether this process still runs, as the {@code observer} sees it. */
  Life life(RunningProcess observer) {
    if (!space.equals(observer.space)) {
      return Life.UNKNOWN;
    }
    if (startTicks > 0) {
      return lifeOnLinux(observer);
    }
    Optional<Instant> found =
        ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
    return found.isPresent() && Duration.between(start, found.get()).abs().compareTo(TOLERANCE) < 0
        ? Life.ALIVE
        : Life.GONE;
  }

  private Life lifeOnLinux(RunningProcess observer) {
    Optional<String[]> stat = stat(pid);
    if (stat.isEmpty()) {
      // Some systems hide the processes of other users, the first one among them.
      return pid == observer.pid || stat(1).isPresent() ? Life.GONE : Life.UNKNOWN;
    }
    String state = stat.get()[0];
    boolean ended = state.equals("Z") || state.equalsIgnoreCase("X");
    return !ended && Long.parseLong(stat.get()[START_TICKS]) == startTicks ? Life.ALIVE : Life.GONE;
  }

  /** Returns the fields of proc(5) from the state on, none if there is no such process. */
  private static Optional<String[]> stat(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/stat"));
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
      return fields.length > START_TICKS ? Optional.of(fields) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static RunningProcess read(Fields fields) {
    return new RunningProcess(
        fields.text("host"),
        fields.text("process_space"),
        fields.number("pid", 0),
        fields.number("process_start_ticks", 0),
        fields.instant("process_start"));
  }

  void write(ObjectNode json) {
    json.put("host", host)
        .put("pid", pid)
        .put("process_start", start.toString())
        .put("process_start_ticks", startTicks)
        .put("process_space", space);
  }
}
