package io.tandem.executor;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Files of this machine under URIs {@code far:/...}, as if they were another's. */
public final class FarFiles extends RawLocalFileSystem {

  static final AtomicInteger OPENED = new AtomicInteger();

  static Configuration settings() {
    Configuration settings = new Configuration(false);
    settings.set("fs.far.impl", FarFiles.class.getName());
    return settings;
  }

  @Override
  public String getScheme() {
    return "far";
  }

  @Override
  public URI getUri() {
    return URI.create("far:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.incrementAndGet();
    return super.open(path, bufferSize);
  }
}
