package io.tandem.executor;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;

/** Settings of Hadoop's file systems inside an executor. */
final class HadoopSettings {

  private static final String PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  /** Returns those of the class path, and of Spark where there is one. */
  static Configuration ofThisJvm() {
    Configuration settings = new Configuration();
    SparkEnv env = SparkEnv.get();
    if (env != null) {
      for (var setting : env.conf().getAll()) {
        if (setting._1().startsWith(PREFIX)) {
          settings.set(setting._1().substring(PREFIX.length()), setting._2());
        }
      }
    }
    return settings;
  }
}
