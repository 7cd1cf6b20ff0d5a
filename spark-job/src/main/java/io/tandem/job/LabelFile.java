package io.tandem.job;

import static io.tandem.base.Checks.check;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.executor.StoredLabels;
import io.tandem.run.RunFolder;
import io.tandem.run.RunLock;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import io.tandem.table.LabelColumn;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.PrimitiveIterator;

/**
 * Labels of a table, on their way into the folder of a run: what executors read is a file of their
 * own, so that the table may change or go. Closing removes the temporary copy on this host.
 */
public final class LabelFile implements AutoCloseable {

  private final Path copy;
  private final long count;
  private final String sha256;

  private LabelFile(Path copy, long count, String sha256) {
    this.copy = copy;
    this.count = count;
    this.sha256 = sha256;
  }

  /**
   * Reads the labels of a table, one at a time.
   *
   * @param table a Parquet table with a column {@code class_id}
   * @param classes of the models
   * @throws UserError if there is no such table or column, or a label is no class
   */
  public static LabelFile read(SessionSettings settings, String table, int classes) {
    try (EmbeddedSpark spark = EmbeddedSpark.open(settings)) {
      LabelColumn column = LabelColumn.open(spark.session(), table);
      Path copy = Files.createTempFile("tandem-labels-", ".i32");
      try {
        return written(copy, table, column.labels(), classes);
      } catch (IOException | RuntimeException e) {
        Files.delete(copy);
        throw e;
      }
    } catch (IOException e) {
      throw UserError.because(e, "Cannot keep the labels of '%s': %s", table, e);
    }
  }

  private static LabelFile written(
      Path copy, String table, PrimitiveIterator.OfInt labels, int classes) throws IOException {
    MessageDigest digest = Sha256.start();
    long count = 0;
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(
                new DigestOutputStream(Files.newOutputStream(copy), digest)))) {
      while (labels.hasNext()) {
        int label = labels.nextInt();
        check(
            label < classes,
            "Cannot use the labels of '%s': sample %d has class %d (the models know classes 0 to"
                + " %d)",
            table,
            count,
            label,
            classes - 1);
        out.writeInt(Integer.reverseBytes(label));
        count++;
      }
    }
    return new LabelFile(copy, count, Sha256.hex(digest));
  }

  /** Returns the number of labels. */
  public long count() {
    return count;
  }

  /** Returns the digest of the labels. */
  public String sha256() {
    return sha256;
  }

  /**
   * Returns the labels as executors will find them.
   *
   * @param root address of the folder of the run
   */
  public StoredLabels in(String root) {
    return stored(root, sha256, count);
  }

  static StoredLabels stored(String root, String sha256, long count) {
    return new StoredLabels(root + "/" + RunFolder.labels(sha256), count);
  }

  /** Puts the labels into the folder of the run, unless they are there. */
  void store(RunFolder folder, RunLock lock) {
    folder.storeLabels(copy, sha256, lock);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot remove '%s': %s", copy, e);
    }
  }
}
