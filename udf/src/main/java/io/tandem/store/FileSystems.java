package io.tandem.store;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.VersionInfo;

/** File systems of addresses that users give. */
public final class FileSystems {

  /** Packages whose classes Hadoop's own settings name, by scheme. */
  private static final Map<String, String> PACKAGES =
      Map.of(
          "s3a", "org.apache.hadoop:hadoop-aws:",
          "abfs", "org.apache.hadoop:hadoop-azure:",
          "abfss", "org.apache.hadoop:hadoop-azure:");

  private FileSystems() {}

  /**
   * Returns the file system of {@code path}.
   *
   * @throws IOException if there is none; where classes are missing, its message says in which
   *     package they are and how to pass it
   */
  public static FileSystem of(Path path, Configuration settings) throws IOException {
    try {
      return path.getFileSystem(settings);
    } catch (RuntimeException e) {
      // Hadoop wraps what it cannot load once or twice.
      Throwable cause = e;
      while (cause != null && !(cause instanceof ClassNotFoundException)) {
        cause = cause.getCause();
      }
      if (cause == null) {
        throw e;
      }
      throw new IOException(missing(path.toUri().getScheme(), cause.getMessage()), e);
    }
  }

  private static String missing(String scheme, String found) {
    String needed = PACKAGES.get(scheme);
    String wanted = needed == null ? "PACKAGE" : needed + VersionInfo.getVersion();
    String place = needed == null ? "" : " (it is in the package " + wanted + ")";
    return ("%s, which '%s:' needs%s. Pass --packages %s to spark-submit, or its jars to tandem in"
            + " TANDEM_CLASSPATH.")
        .formatted(found, scheme, place, wanted);
  }
}
