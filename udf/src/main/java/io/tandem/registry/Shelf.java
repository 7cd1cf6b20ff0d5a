package io.tandem.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Models of one kind, each in one copy with any number of users.
 *
 * <p>A model is loaded by a thread of its own: a task that is killed while it waits neither breaks
 * the load nor fails the others that wait for it. Thread-safe.
 *
 * @param <K> what makes two copies the same
 * @param <M> the kind
 */
final class Shelf<K, M> {

  /**
   * A model that is loaded or being loaded.
   *
   * @param <K> what makes two copies the same
   * @param <M> the kind
   */
  static final class Copy<K, M> {

    private final K key;
    private final CompletableFuture<M> model = new CompletableFuture<>();
    private int users;
    private final Thread loading;
    private boolean fresh = true;

    private Copy(K key, Consumer<Copy<K, M>> load) {
      this.key = key;
      this.loading = new Thread(() -> load.accept(this), "tandem-load");
    }

    /** Returns the model, which is loaded. */
    M model() {
      return model.join();
    }
  }

  private final Consumer<M> closer;
  private final Map<K, Copy<K, M>> copies = new HashMap<>();
  private boolean closed;

  /** Makes an empty shelf; {@code closer} frees a model. */
  Shelf(Consumer<M> closer) {
    this.closer = closer;
  }

  /**
   * Takes a model, which the caller gives back, and waits until it is loaded.
   *
   * @param load loads it if it is not there; whatever it throws is thrown to all who wait, and the
   *     next one to come loads anew
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  Copy<K, M> take(K key, Supplier<M> load) throws InterruptedException {
    Copy<K, M> copy;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("Cannot lend models: the registry was closed");
      }
      copy = copies.get(key);
      if (copy == null) {
        copy = new Copy<>(key, loaded -> load(loaded, load));
        copies.put(key, copy);
        copy.loading.setDaemon(true);
        copy.loading.start();
      }
      copy.users++;
    }
    try {
      copy.loading.join();
      M unused = copy.model.get();
      return copy;
    } catch (ExecutionException e) {
      giveBack(copy);
      throw unchecked(e.getCause());
    } catch (InterruptedException e) {
      giveBack(copy);
      throw e;
    }
  }

  private void load(Copy<K, M> copy, Supplier<M> load) {
    try {
      copy.model.complete(load.get());
    } catch (Throwable e) { // whoever waits gets it
      forget(copy);
      copy.model.completeExceptionally(e);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException exception
        ? exception
        : new CompletionException(thrown);
  }

  private synchronized void forget(Copy<K, M> copy) {
    copies.remove(copy.key, copy);
  }

  /** Gives a model back; it stays loaded. */
  synchronized void giveBack(Copy<K, M> copy) {
    copy.users--;
  }

  /** Returns true for the first call about a copy. */
  synchronized boolean claimFresh(Copy<K, M> copy) {
    boolean claimed = copy.fresh;
    copy.fresh = false;
    return claimed;
  }

  /** Frees the loaded models without users whose keys {@code unwanted} accepts. */
  synchronized void closeIdle(Predicate<K> unwanted) {
    Iterator<Copy<K, M>> all = copies.values().iterator();
    while (all.hasNext()) {
      Copy<K, M> copy = all.next();
      if (copy.users == 0 && copy.model.isDone() && unwanted.test(copy.key)) {
        all.remove();
        closer.accept(copy.model());
      }
    }
  }

  /** Frees all loaded models, with users or without, and lends none from now on. */
  void close() {
    List<Copy<K, M>> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(copies.values());
      copies.clear();
    }
    for (Copy<K, M> copy : all) {
      if (copy.model.isDone() && !copy.model.isCompletedExceptionally()) {
        closer.accept(copy.model());
      }
    }
  }

  /** Returns how many models are loaded or being loaded. */
  synchronized int size() {
    return copies.size();
  }
}
