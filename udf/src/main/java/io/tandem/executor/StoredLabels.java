package io.tandem.executor;

import static io.tandem.base.Checks.check;

import io.tandem.wave.SampleLabels;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Labels in a file of any Hadoop file system: int32 each, little-endian, in the order of the
 * samples. After the last one comes the first again.
 *
 * <p>Only the part that is asked for is read; each JVM remembers the last few parts. Thread-safe.
 *
 * @param path of the file
 * @param count number of labels in it
 */
public record StoredLabels(String path, long count) implements SampleLabels {

  /** Labels that are read at once. */
  private static final int PART = 1 << 14;

  private static final int REMEMBERED_PARTS = 16;

  private static final Map<Key, int[]> PARTS =
      new LinkedHashMap<>(REMEMBERED_PARTS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, int[]> eldest) {
          return size() > REMEMBERED_PARTS;
        }
      };

  /** A part of a file. */
  private record Key(StoredLabels labels, long part) {}

  public StoredLabels {
    check(count >= 1, "Cannot make images of no classes (at least one label is needed)");
  }

  /**
   * Writes labels and returns them; they are taken one at a time, and nobody sees the file before
   * it is complete.
   *
   * @param path of a file, which is replaced
   * @throws io.tandem.base.UserError if there are none, or one is negative
   */
  public static StoredLabels write(String path, PrimitiveIterator.OfInt labels) {
    Path target = new Path(path);
    Path part = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID());
    long count = 0;
    try {
      FileSystem files = target.getFileSystem(HadoopSettings.ofThisJvm());
      try {
        try (DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(files.create(part, false)))) {
          while (labels.hasNext()) {
            int label = labels.nextInt();
            check(label >= 0, "Cannot make sample %d: its label is %d (0 or more)", count, label);
            out.writeInt(Integer.reverseBytes(label));
            count++;
          }
        }
        StoredLabels stored = new StoredLabels(path, count);
        files.delete(target, false);
        if (!files.rename(part, target)) {
          throw new IOException("'" + part + "' could not be renamed");
        }
        synchronized (PARTS) {
          PARTS.keySet().removeIf(key -> key.labels.path.equals(path));
        }
        return stored;
      } finally {
        files.delete(part, false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write labels to '" + path + "'", e);
    }
  }

  @Override
  public int[] labels(long first, int count) {
    int[] labels = new int[count];
    for (int done = 0; done < count; ) {
      long at = (first + done) % this.count;
      int[] part = part(at / PART);
      int offset = (int) (at % PART);
      int taken = Math.min(count - done, part.length - offset);
      System.arraycopy(part, offset, labels, done, taken);
      done += taken;
    }
    return labels;
  }

  private int[] part(long number) {
    Key key = new Key(this, number);
    synchronized (PARTS) {
      return PARTS.computeIfAbsent(key, unknown -> read(number));
    }
  }

  private int[] read(long part) {
    long first = part * PART;
    int[] labels = new int[(int) Math.min(PART, count - first)];
    byte[] bytes = new byte[labels.length * Integer.BYTES];
    Path file = new Path(path);
    try (FSDataInputStream in = file.getFileSystem(HadoopSettings.ofThisJvm()).open(file)) {
      in.readFully(first * Integer.BYTES, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read labels from '" + path + "'", e);
    }
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(labels);
    return labels;
  }
}
