package io.tandem.fault;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** {@link FaultFileSystem} as {@code FileContext} asks for it, with the same steps and faults. */
public final class FaultFiles extends DelegateToFileSystem {

  /** Called by Hadoop; any authority of {@code address} will do. */
  public FaultFiles(URI address, Configuration settings) throws IOException, URISyntaxException {
    super(FaultFileSystem.ADDRESS, new FaultFileSystem(), settings, FaultFileSystem.SCHEME, false);
  }

  @Override
  public void checkPath(Path path) {
    ((FaultFileSystem) fsImpl).checkPath(path);
  }

  /** As HDFS: other file systems delete first. */
  @Override
  public void renameInternal(Path from, Path to, boolean overwrite) throws IOException {
    ((FaultFileSystem) fsImpl)
        .rename(from, to, overwrite ? Options.Rename.OVERWRITE : Options.Rename.NONE);
  }

  @Override
  public int getUriDefaultPort() {
    return -1;
  }
}
