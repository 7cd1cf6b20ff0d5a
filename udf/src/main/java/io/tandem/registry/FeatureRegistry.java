package io.tandem.registry;

import io.tandem.engine.Machine;
import io.tandem.features.FeatureExtractor;
import io.tandem.features.Profile;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The feature networks of a JVM: one copy for each digest, profile and device, however many tasks
 * use it.
 *
 * <p>A network is loaded once, by whoever comes first; the others wait. It stays loaded until
 * another one is to be loaded onto its device. Thread-safe.
 */
public final class FeatureRegistry implements AutoCloseable {

  private static final String DEMO = "demo";
  private static final String RANDOM = "random";
  private static final String INCEPTION = "inception:";

  /** Made on first use; freed when the JVM ends, after the last kernel. */
  private static final class Holder {

    static final FeatureRegistry INSTANCE = new FeatureRegistry();

    static {
      LibTorch.atEnd(INSTANCE::close);
    }
  }

  private record Key(String sha256, Profile profile, DeviceSpec device) {}

  private final Shelf<Key, FeatureExtractor> networks = new Shelf<>(FeatureExtractor::close);

  /** Makes an empty registry, which the caller closes. */
  public FeatureRegistry() {}

  /** Returns the registry that all tasks of this JVM share. */
  public static FeatureRegistry ofThisJvm() {
    return Holder.INSTANCE;
  }

  /** A network that is lent; the holder closes it after its last batch. Thread-safe. */
  public final class Lease implements AutoCloseable {

    private final Shelf.Copy<Key, FeatureExtractor> copy;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Lease(Shelf.Copy<Key, FeatureExtractor> copy) {
      this.copy = copy;
    }

    /** Returns the network, which belongs to the registry. */
    public FeatureExtractor network() {
      return copy.model();
    }

    /** Gives the network back; does nothing the second time. */
    @Override
    public void close() {
      if (!closed.getAndSet(true)) {
        networks.giveBack(copy);
      }
    }
  }

  /**
   * Lends a network and loads it if it is not there; the caller closes the lease.
   *
   * @param file its location is a file of this host, {@code random:inception} for the seeded
   *     Inception network, or {@code demo}
   * @throws WrongWeightsException if the weights are not those of the digest
   * @throws io.tandem.base.UserError if the file holds no network for the profile
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Lease lend(ModelFile file, Profile profile, DeviceSpec device)
      throws InterruptedException {
    Key key = new Key(file.sha256(), profile, device);
    return new Lease(networks.take(key, () -> loaded(file, key)));
  }

  private FeatureExtractor loaded(ModelFile file, Key key) {
    networks.closeIdle(other -> other.device().equals(key.device()) && !other.equals(key));
    try (WeightSource source = WeightSources.features(text(file.location()))) {
      if (!source.sha256().equals(file.sha256())) {
        throw new WrongWeightsException(Machine.host(), file, source.sha256());
      }
      return FeatureExtractor.load(source, key.profile(), key.device());
    }
  }

  private static String text(String location) {
    return location.equals(DEMO)
        ? DEMO
        : INCEPTION + (location.startsWith(RANDOM + ":") ? RANDOM : location);
  }

  /** Returns how many networks are in memory or on their way there. */
  public int networks() {
    return networks.size();
  }

  /** Frees all networks, lent or not; nothing is lent afterwards. */
  @Override
  public void close() {
    networks.close();
  }
}
