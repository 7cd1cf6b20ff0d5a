package io.tandem.table;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * What follows the last page of a Parquet file, indexes and footer, which no checksum of the format
 * guards.
 */
final class Footers {

  /** The bytes that every file begins and ends with. */
  static final byte[] MAGIC = {'P', 'A', 'R', '1'};

  private Footers() {}

  /** Returns the position after the last page of a file with these row groups. */
  static long start(List<BlockMetaData> rowGroups) {
    long start = MAGIC.length;
    for (BlockMetaData rowGroup : rowGroups) {
      for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
        start = Math.max(start, chunk.getStartingPos() + chunk.getTotalSize());
      }
    }
    return start;
  }

  /** Returns the SHA-256 of {@code file} from position {@code start} on, in hexadecimal digits. */
  static String sha256(Configuration settings, Path file, long start) throws IOException {
    MessageDigest digest = sha256();
    try (FSDataInputStream in = file.getFileSystem(settings).open(file)) {
      in.seek(start);
      byte[] part = new byte[1 << 16];
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        digest.update(part, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash files: every JVM has SHA-256", e);
    }
  }
}
