package io.tandem.fault;

import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under the scheme {@code fault:}, with a fault at one chosen step and a log of all
 * steps. {@code fault:/tmp/x} is the file {@code /tmp/x}.
 *
 * <p>Use, in the JVM of the test:
 *
 * <pre>{@code
 * Configuration settings = new Configuration();
 * FaultFileSystem.configure(settings, log);
 * new Fault(RENAME, "_waves/.*7.json", 1, AFTER, HALT).configure(settings);
 * }</pre>
 *
 * <p>{@link #arm} gives a JVM that has been running for long another fault than its settings say.
 *
 * <p>The same in JVMs that Spark starts: every setting {@code K=V} that this makes goes to {@code
 * spark-submit} as {@code --conf spark.hadoop.K=V}, and this class must be on the class path. The
 * settings are
 *
 * <pre>
 * fs.fault.impl                       io.tandem.fault.FaultFileSystem
 * fs.AbstractFileSystem.fault.impl    io.tandem.fault.FaultFiles
 * fs.fault.impl.disable.cache         true, else the first settings of a JVM are those of all
 * tandem.fault.log        file to which each JVM appends a line per step; none without it
 * tandem.fault.operation  CREATE, WRITE, RENAME, DELETE or MKDIRS; no fault without it
 * tandem.fault.path       regular expression, found anywhere in the subject
 * tandem.fault.ordinal    1 for the first step that fits
 * tandem.fault.moment     BEFORE or AFTER
 * tandem.fault.effect     NO_SPACE, NO_SPACE_FROM_THEN_ON, DELAY, SUSPEND,
 *                         SUSPEND_AND_DELAY or HALT
 * tandem.fault.mark       a file: the fault happens only if it can be created, so in one JVM of
 *                         all those that share the settings, and in no later one
 * </pre>
 *
 * <p>A line of the log is {@code PID OPERATION SUBJECT}, and {@code PID FAULT ...} where the fault
 * happens. A step that another one takes inside (the folders of a new file) is no step of its own.
 * Steps are counted per JVM, and per fault: {@link #reset} starts anew.
 *
 * <p>Renaming is as in HDFS: a name that is taken is refused, a folder takes the thing in, and
 * {@code Options.Rename.OVERWRITE} replaces a file atomically. There are no {@code .crc} files.
 */
public final class FaultFileSystem extends RawLocalFileSystem {

  static final String SCHEME = "fault";

  static final URI ADDRESS = URI.create(SCHEME + ":///");
  private static final String LOG = "tandem.fault.log";
  private static final String MARK = "tandem.fault.mark";
  private static final int KILLED = 137;
  private static final long DELAY_MILLIS = 2000;
  private static final long LATE_MILLIS = 150;

  /** Steps that fitted, of each fault that this JVM knows. */
  private static final Map<Fault, AtomicInteger> COUNTS = new ConcurrentHashMap<>();

  /** Goes before the fault of any settings. */
  private static volatile Optional<Fault> armed = Optional.empty();

  /** Steps that the thread is in: those within another are not looked at. */
  private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);

  private Optional<Fault> fault = Optional.empty();
  private Optional<Path> log = Optional.empty();
  private Optional<Path> mark = Optional.empty();

  /** What a step does. */
  @FunctionalInterface
  private interface Step<T> {

    T run() throws IOException;
  }

  /** Makes {@code settings} know the scheme, and a file that all steps are appended to. */
  public static void configure(Configuration settings, Path log) {
    settings.setClass(
        "fs.fault.impl", FaultFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    settings.setClass(
        "fs.AbstractFileSystem.fault.impl",
        FaultFiles.class,
        org.apache.hadoop.fs.AbstractFileSystem.class);
    settings.setBoolean("fs.fault.impl.disable.cache", true);
    settings.set(LOG, log.toString());
  }

  /** Lets the fault of {@code settings} happen once only, however many JVMs there are. */
  public static void onlyOnce(Configuration settings, Path mark) {
    settings.set(MARK, mark.toString());
  }

  /** Counts the steps of this JVM from 1 again. */
  public static void reset() {
    COUNTS.clear();
  }

  /** Lets {@code fault} happen in this JVM, counted from now on, whatever the settings say. */
  public static void arm(Fault fault) {
    reset();
    armed = Optional.of(fault);
  }

  /** Takes back what {@link #arm} did. */
  public static void disarm() {
    armed = Optional.empty();
  }

  private Optional<Fault> fault() {
    Optional<Fault> now = armed;
    return now.isPresent() ? now : fault;
  }

  @Override
  public void initialize(URI address, Configuration settings) throws IOException {
    super.initialize(ADDRESS, settings);
    fault = Fault.of(settings);
    log = Optional.ofNullable(settings.get(LOG)).map(Path::of);
    mark = Optional.ofNullable(settings.get(MARK)).map(Path::of);
  }

  @Override
  public URI getUri() {
    return ADDRESS;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return created(
        file, () -> super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return created(
        file,
        () ->
            super.create(
                file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      org.apache.hadoop.fs.Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return created(
        file,
        () ->
            super.createNonRecursive(
                file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  private FSDataOutputStream created(
      org.apache.hadoop.fs.Path file, Step<FSDataOutputStream> creation) throws IOException {
    if (depth.get() > 0) {
      return creation.run();
    }
    String subject = subject(file);
    int ordinal = begin(Operation.CREATE, subject);
    FSDataOutputStream out = within(creation);
    return new FSDataOutputStream(new FaultStream(out, subject, ordinal), null);
  }

  @Override
  public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    return step(Operation.RENAME, subject(from) + " -> " + subject(to), () -> renamed(from, to));
  }

  @Override
  @SuppressWarnings("deprecation")
  protected void rename(
      org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to, Options.Rename... options)
      throws IOException {
    boolean overwrites = List.of(options).contains(Options.Rename.OVERWRITE);
    boolean done =
        step(
            Operation.RENAME,
            subject(from) + " -> " + subject(to),
            () -> {
              if (!overwrites) {
                return renamed(from, to);
              }
              Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
              return true;
            });
    if (!done) {
      throw new org.apache.hadoop.fs.FileAlreadyExistsException(to + " is there");
    }
  }

  private boolean renamed(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    Path source = local(from);
    Path target = local(to);
    if (!Files.exists(source)) {
      throw new FileNotFoundException(from + " is not there");
    }
    if (Files.isDirectory(target)) {
      target = target.resolve(source.getFileName());
    }
    if (Files.exists(target) || !Files.isDirectory(target.getParent())) {
      return false;
    }
    if (Files.isDirectory(source)) {
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
    try {
      Files.createLink(target, source);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    Files.delete(source);
    return true;
  }

  @Override
  public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
    return step(Operation.DELETE, subject(path), () -> super.delete(path, recursive));
  }

  @Override
  public boolean mkdirs(org.apache.hadoop.fs.Path folder) throws IOException {
    return step(Operation.MKDIRS, subject(folder), () -> super.mkdirs(folder));
  }

  @Override
  public boolean mkdirs(org.apache.hadoop.fs.Path folder, FsPermission permission)
      throws IOException {
    return step(Operation.MKDIRS, subject(folder), () -> super.mkdirs(folder, permission));
  }

  private <T> T step(Operation operation, String subject, Step<T> step) throws IOException {
    if (depth.get() > 0) {
      return step.run();
    }
    int ordinal = begin(operation, subject);
    T result = within(step);
    end(operation, subject, ordinal);
    return result;
  }

  private <T> T within(Step<T> step) throws IOException {
    depth.set(depth.get() + 1);
    try {
      return step.run();
    } finally {
      depth.set(depth.get() - 1);
    }
  }

  /** Logs and counts a step, and returns its ordinal among those that fit, 0 if it does not. */
  private int begin(Operation operation, String subject) throws IOException {
    note(operation + " " + subject);
    Optional<Fault> now = fault();
    if (now.isEmpty() || !now.get().fits(operation, subject)) {
      return 0;
    }
    int ordinal = COUNTS.computeIfAbsent(now.get(), each -> new AtomicInteger()).incrementAndGet();
    happen(now.get(), Moment.BEFORE, subject, ordinal);
    return ordinal;
  }

  private void end(Operation operation, String subject, int ordinal) throws IOException {
    Optional<Fault> now = fault();
    if (ordinal > 0 && now.isPresent() && now.get().operation() == operation) {
      happen(now.get(), Moment.AFTER, subject, ordinal);
    }
  }

  private void happen(Fault now, Moment moment, String subject, int ordinal) throws IOException {
    boolean isLater = now.effect() == Effect.NO_SPACE_FROM_THEN_ON && ordinal > now.ordinal();
    boolean isFirst = ordinal == now.ordinal() && isMarked();
    if (now.moment() != moment || !(isLater || isFirst)) {
      return;
    }
    note("FAULT " + now.effect() + " " + moment + " " + now.operation() + " " + subject);
    switch (now.effect()) {
      case NO_SPACE, NO_SPACE_FROM_THEN_ON -> throw new IOException("No space left on device");
      case DELAY -> delay();
      case SUSPEND -> suspend();
      case SUSPEND_AND_DELAY -> suspendAndDelay();
      case HALT -> Runtime.getRuntime().halt(KILLED);
    }
  }

  private static void delay() throws IOException {
    try {
      Thread.sleep(DELAY_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Returns when somebody has continued this JVM. */
  private static void suspend() throws IOException {
    String signal = "kill -STOP " + ProcessHandle.current().pid();
    Process killer = new ProcessBuilder("sh", "-c", signal).start();
    try {
      killer.waitFor();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void suspendAndDelay() throws IOException {
    suspend();
    boolean isInterrupted = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LATE_MILLIS);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
      isInterrupted |= Thread.interrupted();
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(e);
    return interrupted;
  }

  private boolean isMarked() throws IOException {
    if (mark.isEmpty()) {
      return true;
    }
    try {
      Files.createFile(mark.get());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private void note(String line) {
    log.ifPresent(
        file -> {
          byte[] bytes =
              (ProcessHandle.current().pid() + " " + line + "\n").getBytes(StandardCharsets.UTF_8);
          try {
            Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Any authority will do, such as a key with its secret and a bucket. */
  @Override
  protected void checkPath(org.apache.hadoop.fs.Path path) {
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals(SCHEME)) {
      throw new IllegalArgumentException("Wrong FS: " + path + ", expected: " + ADDRESS);
    }
  }

  private static String subject(org.apache.hadoop.fs.Path path) {
    return path.toUri().getPath();
  }

  private Path local(org.apache.hadoop.fs.Path path) {
    return pathToFile(path).toPath();
  }

  /** What the superclass returns reads its permissions by way of a path with {@code file:}. */
  @Override
  public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
    FileStatus found = super.getFileStatus(path);
    PosixFileAttributes attributes;
    try {
      attributes = Files.readAttributes(local(path), PosixFileAttributes.class);
    } catch (NoSuchFileException e) {
      // Gone since the line before; callers know it by this name.
      throw (IOException) new FileNotFoundException(e.getMessage()).initCause(e);
    }
    String mode =
        (found.isDirectory() ? "d" : "-") + PosixFilePermissions.toString(attributes.permissions());
    return new FileStatus(
        found.getLen(),
        found.isDirectory(),
        found.getReplication(),
        found.getBlockSize(),
        found.getModificationTime(),
        found.getAccessTime(),
        FsPermission.valueOf(mode),
        attributes.owner().getName(),
        attributes.group().getName(),
        found.getPath());
  }

  /** Returns the status of a link's target, as HDFS, which has no links. */
  @Override
  public FileStatus getFileLinkStatus(org.apache.hadoop.fs.Path path) throws IOException {
    return getFileStatus(path);
  }

  /** A file that is being written. */
  private final class FaultStream extends OutputStream {

    private final OutputStream out;
    private final String subject;
    private final int ordinal;
    private boolean isBegun;
    private boolean isClosed;

    FaultStream(OutputStream out, String subject, int ordinal) {
      this.out = out;
      this.subject = subject;
      this.ordinal = ordinal;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (isBegun) {
        out.write(bytes, offset, length);
        return;
      }
      isBegun = true;
      int first = begin(Operation.WRITE, subject);
      int half = (length + 1) / 2;
      out.write(bytes, offset, half);
      if (first > 0) {
        out.flush();
      }
      end(Operation.WRITE, subject, first);
      out.write(bytes, offset + half, length - half);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      if (!isClosed) {
        isClosed = true;
        out.close();
        end(Operation.CREATE, subject, ordinal);
      }
    }
  }
}
