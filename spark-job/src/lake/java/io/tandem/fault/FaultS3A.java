package io.tandem.fault;

import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;

/**
 * Objects of S3A, with a fault at one chosen step, as {@link FaultFileSystem} has it for local
 * files: {@code fs.s3a.impl=io.tandem.fault.FaultS3A}. Steps are renaming and deleting, which is
 * what makes things visible or not.
 */
public final class FaultS3A extends S3AFileSystem {

  private static final int KILLED = 137;

  private static final AtomicInteger STEPS = new AtomicInteger();
  private static volatile Optional<Fault> armed = Optional.empty();

  private Optional<Fault> fault = Optional.empty();

  /** What a step does. */
  @FunctionalInterface
  private interface Step {

    boolean run() throws IOException;
  }

  /** Lets {@code fault} happen in this JVM, counted from now on. */
  public static void arm(Fault fault) {
    STEPS.set(0);
    armed = Optional.of(fault);
  }

  /** Takes back what {@link #arm} did, and returns whether the fault happened. */
  public static boolean disarm() {
    boolean happened = armed.filter(it -> STEPS.get() >= it.ordinal()).isPresent();
    armed = Optional.empty();
    return happened;
  }

  @Override
  public void initialize(URI address, Configuration settings) throws IOException {
    super.initialize(address, settings);
    fault = Fault.of(settings);
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    return step(Operation.RENAME, source + " -> " + target, () -> super.rename(source, target));
  }

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    return step(Operation.DELETE, file.toString(), () -> super.delete(file, recursive));
  }

  private boolean step(Operation operation, String subject, Step step) throws IOException {
    Optional<Fault> now = armed.or(() -> fault).filter(it -> it.fits(operation, subject));
    boolean isNow = now.isPresent() && STEPS.incrementAndGet() == now.get().ordinal();
    if (isNow && now.get().moment() == Moment.BEFORE) {
      happen(now.get(), subject);
    }
    boolean result = step.run();
    if (isNow && now.get().moment() == Moment.AFTER) {
      happen(now.get(), subject);
    }
    return result;
  }

  private static void happen(Fault fault, String subject) throws IOException {
    if (fault.effect() == Effect.HALT) {
      Runtime.getRuntime().halt(KILLED);
    }
    throw new IOException("No space left on device: " + subject);
  }
}
