package io.tandem.run;

import io.tandem.base.UserError;
import io.tandem.run.RunningProcess.Life;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;

/**
 * Keeps a folder to one process: a file {@code _lock} with its name and a heartbeat every ten
 * seconds.
 *
 * <p>A lock is taken over at once if its owner was a process of this machine (and container) that
 * no longer runs, and otherwise when its last heartbeat is a minute old and does not move for 25
 * seconds more, since clocks of other machines may be wrong. An owner that was only suspended finds
 * out at its next {@link #check}.
 *
 * <p>How it is taken over: the file {@code _lock-X}, which can be created only once, says who
 * follows owner X. Whoever created it, and then still finds X in {@code _lock}, is the next owner
 * and writes itself there; if it dies before that, the one to follow <em>it</em> is asked for in
 * the same way. So of any number of processes exactly one succeeds, on every file system on which
 * to create a file is atomic ({@link AtomicFiles}); on the others two may believe it, until the
 * next check of one of them.
 *
 * <p>No lock of this kind can stop a process that is suspended for a minute between its check and
 * what it does next. Records are never overwritten and name the files and the writer of their wave,
 * so that it does not go unnoticed.
 *
 * <p>Thread-safe.
 */
public final class RunLock implements AutoCloseable {

  private static final int LARGEST_BYTES = 1 << 16;

  /** A file that says nothing yet is read again, after so long each time. */
  private static final long PAUSE_MILLIS = 200;

  private static final int TRIES = 5;

  /** Rounds in which something changed while a process asked for the lock. */
  private static final int MOST_ROUNDS = 50;

  /** Rounds for which a lock that is being written is waited for. */
  private static final int PATIENT_ROUNDS = 10;

  /**
   * Owners of this process: what any other one left behind, because it could not delete it, is
   * dead.
   */
  private static final Set<String> ALIVE = ConcurrentHashMap.newKeySet();

  private final RunFolder folder;
  private final LockPace pace;
  private final Clock clock;
  private final ScheduledExecutorService heart;

  private LockText text;
  private long beatNanos = System.nanoTime();
  private Optional<LockLostException> lost = Optional.empty();
  private boolean isClosed;

  private RunLock(RunFolder folder, LockText text, LockPace pace, Clock clock) {
    this.folder = folder;
    this.text = text;
    this.pace = pace;
    this.clock = clock;
    heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "run-lock-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    long beat = pace.beat().toMillis();
    var unused = heart.scheduleWithFixedDelay(this::beat, beat, beat, TimeUnit.MILLISECONDS);
  }

  /**
   * Takes hold of a folder, which is made if it is not there, and removes the temporary files of
   * dead processes.
   *
   * @param application id that the cluster gave, for people; empty if there is none yet
   * @throws UserError if another process has it, or nothing can be written there
   */
  public static RunLock acquire(RunFolder folder, String application) {
    return acquire(folder, application, LockPace.USUAL, Clock.systemUTC());
  }

  static RunLock acquire(RunFolder folder, String application, LockPace pace, Clock clock) {
    folder.make();
    LockText text = LockText.of(RunningProcess.current(), application, clock);
    ALIVE.add(text.owner());
    try {
      return acquire(folder, text, pace, clock);
    } catch (RuntimeException | Error e) {
      ALIVE.remove(text.owner());
      throw e;
    }
  }

  private static RunLock acquire(RunFolder folder, LockText text, LockPace pace, Clock clock) {
    try {
      Taking taking = new Taking(folder, text, pace, clock);
      for (int i = 0; !taking.succeeds(i); i++) {
        if (i == MOST_ROUNDS) {
          throw new IOException("too many processes ask for '" + folder.shown(folder.lock()) + "'");
        }
        pause();
      }
      RunLock lock = new RunLock(folder, text, pace, clock);
      try {
        folder.removeLeftovers(text.owner(), file -> isOfTheDead(folder, file, text));
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
      return lock;
    } catch (IOException e) {
      giveBack(folder, text);
      throw folder.cannotWrite(e);
    }
  }

  /** Says whether a file was written by a process of this machine that no longer runs. */
  private static boolean isOfTheDead(RunFolder folder, Path file, LockText own) {
    try {
      return read(folder, file).filter(found -> isGone(found, own)).isPresent();
    } catch (IOException e) {
      return false; // what cannot be read goes when it is old
    }
  }

  private static boolean isGone(LockText owner, LockText own) {
    return owner.process().life(own.process()) == Life.GONE
        || (owner.process().equals(own.process()) && !ALIVE.contains(owner.owner()));
  }

  /** A file system may do what it reports as failed: removes the lock or claim that names us. */
  private static void giveBack(RunFolder folder, LockText own) {
    try {
      Path file = folder.lock();
      Optional<LockText> found = read(folder, file);
      for (int i = 0; i < MOST_ROUNDS && found.isPresent(); i++) {
        if (found.get().owner().equals(own.owner())) {
          folder.files().delete(file);
          return;
        }
        file = folder.claim(found.get().owner());
        found = read(folder, file);
      }
    } catch (IOException e) {
      // It is taken over when this process is gone.
    }
  }

  /** One process asks for the lock. */
  private record Taking(RunFolder folder, LockText own, LockPace pace, Clock clock) {

    /**
     * Returns whether the lock is ours; if not, something changed, and it is to be tried again.
     *
     * @param round how often it was tried before
     */
    boolean succeeds(int round) throws IOException {
      Path lock = folder.lock();
      Optional<LockText> first = read(folder, lock);
      if (first.isEmpty()) {
        // Where a heartbeat deletes the file first, it leaves one that is being written.
        return (round >= PATIENT_ROUNDS || !folder.isBeingWritten(lock))
            && folder.files().create(lock, own.bytes())
            && isOwner(own.owner());
      }
      List<Path> claims = new ArrayList<>();
      LockText last = first.get();
      claims.add(folder.claim(last.owner()));
      for (Optional<LockText> next = read(folder, claims.get(0));
          next.isPresent();
          next = read(folder, folder.claim(last.owner()))) {
        last = next.get();
        claims.add(folder.claim(last.owner()));
        if (claims.size() > MOST_ROUNDS) {
          throw new IOException("files '" + folder.shown(lock) + "-...' name each other");
        }
      }
      if (claims.size() > 1 && !isOwner(first.get().owner())) {
        return false; // the last claim may be one that came too late
      }
      if (!isDead(last, claims.size() == 1 ? lock : claims.get(claims.size() - 2))) {
        return false;
      }
      Path claim = claims.get(claims.size() - 1);
      if (!folder.files().create(claim, own.bytes())) {
        return false;
      }
      if (!isOwner(first.get().owner())) {
        folder.files().delete(claim);
        return false;
      }
      folder.files().replace(lock, own.bytes());
      for (Path each : claims) {
        folder.files().delete(each);
      }
      return true;
    }

    private boolean isOwner(String owner) throws IOException {
      return read(folder, folder.lock()).filter(text -> text.owner().equals(owner)).isPresent();
    }

    /**
     * Returns whether the owner can do nothing any more; if not, {@code file}, where it says who it
     * is, has changed hands.
     *
     * @throws UserError if it lives
     */
    private boolean isDead(LockText owner, Path file) throws IOException {
      if (isGone(owner, own)) {
        return true;
      }
      Duration age = Duration.between(owner.heartbeat(), clock.instant());
      LockText found = owner;
      if (age.abs().compareTo(pace.fresh()) > 0) {
        // Its clock may be another one, or this machine was asleep.
        long end = System.nanoTime() + pace.watched().toNanos();
        while (found.equals(owner)) {
          if (System.nanoTime() > end) {
            return true;
          }
          pause();
          Optional<LockText> now = read(folder, file);
          if (now.isEmpty() || !now.get().owner().equals(owner.owner())) {
            return false;
          }
          found = now.get();
        }
      }
      throw UserError.of(
          "Cannot generate into '%s': it is held by %s. Wait for its end, or choose another --out.",
          folder, found.described(clock.instant()));
    }
  }

  /**
   * Returns what a lock or claim says, none if there is no such file. One that cannot be understood
   * for a second is nobody's, as old as its file.
   */
  private static Optional<LockText> read(RunFolder folder, Path file) throws IOException {
    for (int i = 1; ; i++) {
      Optional<byte[]> content = folder.files().read(file, LARGEST_BYTES);
      if (content.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(LockText.read(folder.shown(file), content.get()));
      } catch (UserError e) {
        if (i == TRIES) {
          return Optional.of(LockText.unreadable(content.get(), folder.modified(file)));
        }
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Makes known at once which application of the cluster it is. */
  public synchronized void nameApplication(String application) {
    text = text.by(application);
    beat();
  }

  /**
   * Passes if this process still has the folder. To be called before whatever another owner must
   * not see.
   *
   * @throws LockLostException if the file is gone or names another owner, if it cannot be read, or
   *     if no heartbeat could be written for a minute and none can now; from then on every time
   */
  public synchronized void check() {
    if (isClosed) {
      throw new IllegalStateException("The lock of '" + folder + "' was given back");
    }
    if (lost.isPresent()) {
      throw lost.get();
    }
    try {
      confirm();
      if (isOld()) {
        writeBeat();
      }
    } catch (IOException e) {
      lost =
          Optional.of(
              new LockLostException(
                  "Cannot go on in '%s': nobody can say whether this process still holds it (%s)"
                      .formatted(folder, e.getMessage()),
                  e));
      throw lost.get();
    }
  }

  /**
   * Passes unless this process found out that it lost the folder, by a check or a heartbeat; reads
   * nothing.
   *
   * @throws LockLostException if it did
   */
  public synchronized void checkIsNotKnownLost() {
    if (lost.isPresent()) {
      throw lost.get();
    }
  }

  /** Says whether others may by now take this process for dead. */
  private boolean isOld() {
    return System.nanoTime() - beatNanos > pace.fresh().toNanos();
  }

  /** Reads the claim first: whoever took over removes it after the lock has the new name. */
  private void confirm() throws IOException {
    Optional<LockText> owner = read(folder, folder.claim(text.owner()));
    if (owner.isEmpty()) {
      owner = read(folder, folder.lock());
      if (owner.filter(found -> found.owner().equals(text.owner())).isPresent()) {
        return;
      }
    }
    lost =
        Optional.of(
            new LockLostException(
                "Cannot go on in '%s': %s"
                    .formatted(
                        folder,
                        owner
                            .map(o -> "it is now held by " + o.described(clock.instant()))
                            .orElse("somebody removed '" + folder.shown(folder.lock()) + "'"))));
    throw lost.get();
  }

  private void writeBeat() throws IOException {
    LockText now = text.at(clock.instant());
    folder.files().replace(folder.lock(), now.bytes());
    text = now;
    beatNanos = System.nanoTime();
  }

  private synchronized void beat() {
    if (isClosed || lost.isPresent()) {
      return;
    }
    try {
      confirm();
      writeBeat();
    } catch (IOException | RuntimeException e) {
      // Found out by the next check, if it lasts: a full disk may have room again by then.
    }
  }

  /** Lets go of the folder: removes the file if it still is this process's. */
  @Override
  public void close() {
    heart.shutdownNow();
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      try {
        // An old one may be somebody else's a moment after it was read.
        if (lost.isEmpty() && !isOld()) {
          confirm();
          folder.files().delete(folder.lock());
        }
      } catch (IOException | LockLostException e) {
        // The heartbeat has ended: others will see that.
      } finally {
        ALIVE.remove(text.owner());
      }
    }
  }
}
