package io.tandem.run;

import io.tandem.fault.FaultFileSystem;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** The two kinds of file systems that a run folder may be on, both in a folder of this machine. */
enum Places {
  LOCAL("file:"),
  /** By way of Hadoop, with renames as HDFS does them. */
  REMOTE("fault:"),
  /** The same, where a file can be replaced only by deleting it. */
  REMOTE_WITHOUT_CONTEXT("fault:");

  private final String scheme;

  Places(String scheme) {
    this.scheme = scheme;
  }

  String address(Path folder) {
    return scheme + folder;
  }

  Configuration settings(Path log) {
    Configuration settings = new Configuration();
    FaultFileSystem.configure(settings, log);
    if (this == REMOTE_WITHOUT_CONTEXT) {
      settings.unset("fs.AbstractFileSystem.fault.impl");
    }
    return settings;
  }

  RunFolder open(Path folder, Path log) {
    return RunFolder.open(address(folder), settings(log));
  }
}
