package io.tandem.cli;

import io.tandem.executor.TandemPlugin;
import io.tandem.fault.FaultFileSystem;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * A session that all commands of a test share, since a new one takes seconds: two tasks at once,
 * each of which may fail once, and the file system {@code fault:}.
 */
final class SharedSpark implements AutoCloseable {

  private final EmbeddedSpark spark;

  private SharedSpark(EmbeddedSpark spark) {
    this.spark = spark;
  }

  /**
   * Opens the session.
   *
   * @param steps takes a line for each step of the file system
   * @param more settings
   */
  static SharedSpark open(Path steps, Map<String, String> more) {
    Map<String, String> settings = new TreeMap<>(more);
    Configuration hadoop = new Configuration(false);
    FaultFileSystem.configure(hadoop, steps);
    hadoop.forEach(each -> settings.put("spark.hadoop." + each.getKey(), each.getValue()));
    settings.put("spark.master", "local[2,2]");
    // What generate asks for when it starts a session itself.
    settings.put("spark.plugins", TandemPlugin.class.getName());
    settings.put("spark.scheduler.mode", "FAIR");
    return new SharedSpark(EmbeddedSpark.open(SessionSettings.of(2, settings)));
  }

  @Override
  public void close() {
    spark.close();
    FaultFileSystem.disarm();
  }
}
