package io.tandem.fault;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/** {@link FaultFileSystem} as {@code FileContext} asks for it, with the same steps and faults. */
public final class FaultFiles extends DelegateToFileSystem {

  /** Called by Hadoop. */
  public FaultFiles(URI address, Configuration settings) throws IOException, URISyntaxException {
    super(address, new FaultFileSystem(), settings, FaultFileSystem.SCHEME, false);
  }

  @Override
  public int getUriDefaultPort() {
    return -1;
  }
}
