package io.tandem.run;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * A process that asks for a lock as soon as a file appears, says {@code held} or {@code refused},
 * and keeps it until its input ends.
 */
final class LockHolder {

  private LockHolder() {}

  /** Arguments: folder, file, and settings of Hadoop as {@code KEY=VALUE}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Configuration settings = new Configuration();
    for (String setting : List.of(arguments).subList(2, arguments.length)) {
      int at = setting.indexOf('=');
      settings.set(setting.substring(0, at), setting.substring(at + 1));
    }
    RunFolder folder = RunFolder.open(arguments[0], settings);
    System.out.println("ready");
    while (!Files.exists(Path.of(arguments[1]))) {
      Thread.sleep(1);
    }
    try (RunLock lock = RunLock.acquire(folder, "")) {
      System.out.println("held");
      while (System.in.read() >= 0) {}
      lock.check();
    } catch (UserError e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  /** Starts such a process. */
  static Process start(String folder, Path signal, String... settings) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(LockHolder.class.getName());
    command.add(folder);
    command.add(signal.toString());
    command.addAll(List.of(settings));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
