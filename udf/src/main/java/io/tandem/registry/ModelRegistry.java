package io.tandem.registry;

import io.tandem.generate.ModelSet;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.model.ScaleSchedule;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The models of a JVM: one copy for each digest, precision and device, however many tasks decode
 * with it.
 *
 * <p>A model is loaded once, by whoever comes first; the others wait. It stays loaded when nobody
 * uses it, for the next wave, until other models are to be loaded onto its device. Sets that share
 * a model share its copy: the registry owns all models, sets borrow them. Thread-safe.
 */
public final class ModelRegistry implements AutoCloseable {

  /** Made on first use; freed when the JVM ends, after the last kernel. */
  private static final class Holder {

    static final ModelRegistry INSTANCE = ofFiles();

    static {
      LibTorch.atEnd(INSTANCE::close);
    }
  }

  /**
   * How long a model took to load.
   *
   * @param file its weights
   * @param device where it went
   * @param seconds to check its digest, read, cast and lay it out
   */
  public record Loading(ModelFile file, DeviceSpec device, double seconds) {}

  private final ModelLoader loader;
  private final Shelf<ModelKey, VarTransformer> transformers = new Shelf<>(VarTransformer::close);
  private final Shelf<ModelKey, Tokenizer> tokenisers = new Shelf<>(Tokenizer::close);
  private final List<Loading> loadings = new CopyOnWriteArrayList<>();

  /** Makes an empty registry, which the caller closes. */
  public ModelRegistry(ModelLoader loader) {
    this.loader = loader;
  }

  /** Returns an empty registry that loads weights of this host, which the caller closes. */
  public static ModelRegistry ofFiles() {
    return new ModelRegistry(new WeightLoader());
  }

  /** Returns the registry that all tasks of this JVM share. */
  public static ModelRegistry ofThisJvm() {
    return Holder.INSTANCE;
  }

  /**
   * Lends models and loads those that are not there; the caller closes the lease.
   *
   * <p>Before the first of them is loaded, models on the same device that nobody uses and the
   * request does not name are freed.
   *
   * @throws WrongWeightsException if weights are not those of their digest
   * @throws io.tandem.base.UserError if a file cannot be loaded, or the models do not fit together
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public ModelLease lend(ModelRequest request) throws InterruptedException {
    Loan loan = new Loan();
    try {
      Map<String, VarTransformer> models = new LinkedHashMap<>();
      for (ModelFile file : request.transformers()) {
        ModelKey key = ModelKey.transformer(file, request);
        Shelf.Copy<ModelKey, VarTransformer> copy =
            transformers.take(
                key, () -> loaded(file, request, () -> loader.transformer(file, request)));
        loan.transformers.add(copy);
        models.put(file.name(), copy.model());
      }
      ScaleSchedule schedule = models.values().iterator().next().config().schedule();
      Shelf.Copy<ModelKey, Tokenizer> tokeniser =
          tokenisers.take(
              ModelKey.tokeniser(request, schedule),
              () ->
                  loaded(request.tokeniser(), request, () -> loader.tokeniser(request, schedule)));
      loan.tokenisers.add(tokeniser);
      ModelSet set = ModelSet.borrowing(models, tokeniser.model(), request.device());
      return new ModelLease(set, loan::claimFresh, loan::giveBack);
    } catch (RuntimeException | Error | InterruptedException e) {
      loan.giveBack();
      throw e;
    }
  }

  private <M> M loaded(ModelFile file, ModelRequest request, Supplier<M> load) {
    transformers.closeIdle(key -> isInTheWay(key, request));
    tokenisers.closeIdle(key -> isInTheWay(key, request));
    if (request.device().isCpu()) {
      LibTorch.useThreads(request.threads());
    }
    long start = System.nanoTime();
    M model = load.get();
    loadings.add(new Loading(file, request.device(), (System.nanoTime() - start) / 1e9));
    return model;
  }

  private static boolean isInTheWay(ModelKey key, ModelRequest request) {
    return key.device().equals(request.device()) && !key.isIn(request);
  }

  /** Returns what was loaded so far, in the order of completion. */
  public List<Loading> loadings() {
    return List.copyOf(loadings);
  }

  /** Returns how many models are in memory or on their way there. */
  public int models() {
    return transformers.size() + tokenisers.size();
  }

  /** Frees all models, lent or not; nothing is lent afterwards. */
  @Override
  public void close() {
    transformers.close();
    tokenisers.close();
  }

  /** What one lease has taken. */
  private final class Loan {

    private final List<Shelf.Copy<ModelKey, VarTransformer>> transformers = new ArrayList<>();
    private final List<Shelf.Copy<ModelKey, Tokenizer>> tokenisers = new ArrayList<>();

    private boolean claimFresh() {
      boolean fresh = false;
      for (Shelf.Copy<ModelKey, VarTransformer> copy : transformers) {
        fresh |= ModelRegistry.this.transformers.claimFresh(copy);
      }
      for (Shelf.Copy<ModelKey, Tokenizer> copy : tokenisers) {
        fresh |= ModelRegistry.this.tokenisers.claimFresh(copy);
      }
      return fresh;
    }

    private void giveBack() {
      transformers.forEach(ModelRegistry.this.transformers::giveBack);
      tokenisers.forEach(ModelRegistry.this.tokenisers::giveBack);
    }
  }
}
