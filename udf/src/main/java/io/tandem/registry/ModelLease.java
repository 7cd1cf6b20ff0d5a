package io.tandem.registry;

import io.tandem.generate.ModelSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Models on loan from a {@link ModelRegistry}; the holder closes it after its last batch and must
 * not use them afterwards. Thread-safe.
 */
public final class ModelLease implements AutoCloseable {

  private final ModelSet models;
  private final BooleanSupplier claimFresh;
  private final Runnable giveBack;
  private final AtomicBoolean closed = new AtomicBoolean();

  ModelLease(ModelSet models, BooleanSupplier claimFresh, Runnable giveBack) {
    this.models = models;
    this.claimFresh = claimFresh;
    this.giveBack = giveBack;
  }

  /** Returns the models, which belong to the registry. */
  public ModelSet models() {
    return models;
  }

  /**
   * Returns whether one of the models has decoded nothing since it was loaded, and takes it that
   * the caller is about to do so: true once, whoever asks.
   */
  public boolean claimWarmUp() {
    return claimFresh.getAsBoolean();
  }

  /** Gives the models back; does nothing the second time. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      giveBack.run();
    }
  }
}
