package io.tandem.report;

import java.util.List;

/** Commands as a shell takes them. */
final class Shell {

  private Shell() {}

  /** Returns an argument, quoted if it must be. */
  static String quoted(String argument) {
    return argument.matches("[\\w@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  /** Returns a command with each option on a line of its own. */
  static String command(String program, List<String> arguments) {
    StringBuilder command = new StringBuilder(program);
    for (String argument : arguments) {
      command.append(argument.startsWith("--") ? " \\\n    " : " ").append(quoted(argument));
    }
    return command.toString();
  }
}
