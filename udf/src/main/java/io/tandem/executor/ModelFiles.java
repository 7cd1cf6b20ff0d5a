package io.tandem.executor;

import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.registry.ModelFile;
import io.tandem.registry.WrongWeightsException;
import io.tandem.store.FileSystems;
import io.tandem.weights.WeightSources;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;

/**
 * Weights on this host. Those that have the URI of another file system are copied here once,
 * however many tasks and processes ask, into a folder that only this user can open.
 *
 * <p>The folder is the system property {@value #FOLDER_PROPERTY}, else one under {@code
 * java.io.tmpdir}. A copy that an executor makes has its digest for a name, so that it serves all
 * runs. Thread-safe.
 */
public final class ModelFiles {

  /** Names the folder of the copies. */
  public static final String FOLDER_PROPERTY = "tandem.cache";

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private static final int STEP = 1 << 20;

  /** A lock of a file is one of the whole JVM, so its threads queue here first. */
  private static final Map<String, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  private final Path folder;
  private final Configuration hadoop;

  ModelFiles(Path folder, Configuration hadoop) {
    this.folder = folder;
    this.hadoop = hadoop;
  }

  /** Returns the files of this host. */
  public static ModelFiles ofThisHost() {
    return new ModelFiles(folderOfThisHost(), HadoopSettings.ofThisJvm());
  }

  /** Returns the folder of the copies on this host, which need not be there. */
  static Path folderOfThisHost() {
    return Path.of(
        System.getProperty(
            FOLDER_PROPERTY,
            Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "tandem-" + System.getProperty("user.name"))
                .toString()));
  }

  /**
   * Returns whether {@code origin} is a file of another file system, which has to be copied before
   * it can be loaded.
   */
  public static boolean isRemote(String origin) {
    return origin.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*") && !origin.startsWith("file:/");
  }

  /**
   * Returns weights that can be loaded from this host; the registry makes sure of the digest of
   * those that were not copied.
   *
   * @throws MissingWeightsException if there is no such file
   * @throws WrongWeightsException if what was copied is not what the driver read
   * @throws UncheckedIOException if copying failed
   */
  public ModelFile locate(NamedModel model) {
    String origin = model.origin();
    if (isRemote(origin)) {
      return file(model, copied(model).toString());
    }
    if (WeightSources.isBuiltIn(origin)) {
      return file(model, origin);
    }
    String path = origin.startsWith("file:/") ? Path.of(URI.create(origin)).toString() : origin;
    if (!Files.exists(Path.of(path))) {
      throw new MissingWeightsException(Machine.host(), model);
    }
    return file(model, path);
  }

  private static ModelFile file(NamedModel model, String location) {
    return new ModelFile(model.name(), location, model.sha256());
  }

  /**
   * Returns where this host has what {@code origin} names: a copy if it is remote, which is made
   * unless one of the same size and time of change was made before. For whoever does not know the
   * digest yet.
   *
   * @throws UserError if there is no such file, or it cannot be read
   */
  public String localize(String origin) {
    if (!isRemote(origin)) {
      return origin;
    }
    try {
      org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(origin);
      FileStatus status = FileSystems.of(source, hadoop).getFileStatus(source);
      String version = origin + " " + status.getLen() + " " + status.getModificationTime();
      String name = Sha256.of(version.getBytes(StandardCharsets.UTF_8));
      Path copy = folder.resolve(name + suffix(origin));
      return underLock(
              name,
              () -> {
                if (!Files.exists(copy) || Files.size(copy) != status.getLen()) {
                  copy(origin, copy, digest -> {});
                }
                return copy;
              })
          .toString();
    } catch (FileNotFoundException e) {
      throw UserError.because(e, "Cannot load weights from '%s': there is no such file", origin);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot load weights from '%s': %s", origin, e);
    }
  }

  private Path copied(NamedModel model) {
    String origin = model.origin();
    Path copy = folder.resolve(model.sha256() + suffix(origin));
    try {
      return underLock(
          model.sha256(),
          () -> {
            if (!Files.exists(copy) || Files.size(copy) != model.bytes()) {
              copy(origin, copy, digest -> checkDigest(model, digest));
            }
            return copy;
          });
    } catch (FileNotFoundException e) {
      throw new MissingWeightsException(Machine.host(), model);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot copy '%s' to host %s: %s".formatted(origin, Machine.host(), e), e);
    }
  }

  private static void checkDigest(NamedModel model, String found) {
    if (!found.equals(model.sha256())) {
      throw new WrongWeightsException(Machine.host(), file(model, model.origin()), found);
    }
  }

  /** Work on the folder that one thread of one process does at a time. */
  @FunctionalInterface
  private interface FolderWork {
    Path run() throws IOException;
  }

  private Path underLock(String name, FolderWork work) throws IOException {
    ReentrantLock lock =
        LOCKS.computeIfAbsent(folder.resolve(name).toString(), path -> new ReentrantLock());
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while it waited");
    }
    try {
      makeFolder();
      try (FileChannel channel =
          FileChannel.open(
              folder.resolve(name + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE)) {
        channel.lock(); // until the channel is closed
        return work.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The loader tells formats by content, and by this suffix where the content is no help. */
  private static String suffix(String origin) {
    return origin.endsWith(".safetensors") ? ".safetensors" : ".pth";
  }

  private void makeFolder() throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          || !Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(PRIVATE)) {
        throw new IOException(
            ("'%s' is no folder that only this user can open (mode 0700). Remove it, or name"
                    + " another with -D%s=PATH")
                .formatted(folder, FOLDER_PROPERTY),
            e);
      }
    }
  }

  private void copy(String origin, Path copy, Consumer<String> digestCheck) throws IOException {
    Path part = Files.createTempFile(folder, "weights-", ".part");
    try {
      digestCheck.accept(transfer(origin, part));
      Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Copies a file and returns its digest. */
  private String transfer(String origin, Path target) throws IOException {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(origin);
    MessageDigest digest = Sha256.start();
    byte[] step = new byte[STEP];
    try (InputStream in = FileSystems.of(source, hadoop).open(source);
        OutputStream out = Files.newOutputStream(target)) {
      for (int read = in.read(step); read >= 0; read = in.read(step)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        digest.update(step, 0, read);
        out.write(step, 0, read);
      }
    }
    return Sha256.hex(digest);
  }
}
