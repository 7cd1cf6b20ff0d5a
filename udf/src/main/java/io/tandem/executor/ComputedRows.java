package io.tandem.executor;

import io.tandem.base.UserError;
import io.tandem.executor.PictureDecoder.Decoded;
import io.tandem.executor.PicturesSchema.Picture;
import io.tandem.features.FeatureExtractor;
import io.tandem.features.FeatureRows;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorch;
import io.tandem.model.DeviceSpec;
import io.tandem.registry.FeatureRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The rows of a {@link FeaturePartition}. For one thread. */
final class ComputedRows implements Iterator<Row>, AutoCloseable {

  private final FeatureSpec spec;
  private final Iterator<Row> pictures;
  private final TaskSite site;
  private final FeatureRegistry registry;
  private final PictureDecoder decoder;

  private final Deque<Row> made = new ArrayDeque<>();

  /** Batches whose pictures are being decoded, in order. */
  private final Deque<List<Future<Decoded>>> coming = new ArrayDeque<>();

  private Optional<FeatureRegistry.Lease> lease = Optional.empty();
  private Optional<ExecutorService> decoding = Optional.empty();
  private Optional<Picture> read = Optional.empty();
  private int batch;
  private boolean started;
  private boolean closed;

  ComputedRows(FeatureSpec spec, Iterator<Row> pictures, TaskSite site, FeatureRegistry registry) {
    this.spec = spec;
    this.pictures = pictures;
    this.site = site;
    this.registry = registry;
    this.decoder = new PictureDecoder(spec.pictures());
  }

  @Override
  public boolean hasNext() {
    if (made.isEmpty() && !closed) {
      start();
      compute();
      if (made.isEmpty()) {
        close();
      }
    }
    return !made.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return made.remove();
  }

  private void start() {
    if (started || !pictures.hasNext()) {
      return;
    }
    started = true;
    site.signals().whenTaskEnds().accept(this::close);
    DeviceSpec device = TaskDevice.find(spec.execution().device(), site.gpus());
    if (device.isCpu()) {
      LibTorch.useThreads(spec.execution().threads());
    } else if (site.worker().cores() > 1) {
      // A GPU leaves the cores idle; on a processor they all compute.
      decoding =
          Optional.of(
              Executors.newFixedThreadPool(
                  site.worker().cores(),
                  work -> {
                    Thread thread = new Thread(work, "tandem-pictures-" + site.worker().attempt());
                    thread.setDaemon(true);
                    return thread;
                  }));
    }
    try {
      FeatureRegistry.Lease lent =
          registry.lend(site.files().get().locate(spec.network()), spec.profile(), device);
      lease = Optional.of(lent);
      batch = lent.network().batchSize();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the feature network was loaded", e);
    }
  }

  /** Computes the next batch, while the one after it is decoded if there are threads for that. */
  private void compute() {
    while (coming.size() <= (decoding.isPresent() ? 1 : 0)) {
      List<Picture> next = nextBatch();
      if (next.isEmpty()) {
        break;
      }
      coming.add(next.stream().map(this::decoded).toList());
    }
    if (!coming.isEmpty()) {
      compute(coming.remove().stream().map(ComputedRows::result).toList());
    }
  }

  private Future<Decoded> decoded(Picture picture) {
    if (decoding.isPresent()) {
      return decoding.get().submit(() -> decoder.decode(picture));
    }
    FutureTask<Decoded> task = new FutureTask<>(() -> decoder.decode(picture));
    task.run();
    return task;
  }

  private static Decoded result(Future<Decoded> picture) {
    try {
      return picture.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while pictures were decoded", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("Cannot decode a picture", e.getCause());
    }
  }

  /** Returns pictures of one batch, none at the end. */
  private List<Picture> nextBatch() {
    List<Picture> next = new ArrayList<>();
    while (read.isPresent() || pictures.hasNext()) {
      Picture picture = read.orElseGet(() -> new Picture(pictures.next()));
      read = Optional.of(picture);
      if (!next.isEmpty() && batchOf(picture.sample()) != batchOf(next.get(0).sample())) {
        return next;
      }
      next.add(picture);
      read = Optional.empty();
    }
    return next;
  }

  /** Returns a number that the samples of a batch, and no others, have. */
  private long batchOf(long sample) {
    long chunk = Math.floorDiv(sample, FeatureSpec.CHUNK);
    return chunk * FeatureSpec.CHUNK + Math.floorMod(sample, FeatureSpec.CHUNK) / batch;
  }

  private void compute(List<Decoded> decoded) {
    if (site.signals().isKilled().getAsBoolean()) {
      throw new IllegalStateException("Cannot compute features: the task was killed");
    }
    List<RgbImage> usable = decoded.stream().flatMap(picture -> picture.pixels().stream()).toList();
    Optional<FeatureRows> rows =
        usable.isEmpty() ? Optional.empty() : Optional.of(rows(usable, decoded));
    int at = 0;
    for (Decoded picture : decoded) {
      made.add(
          picture.pixels().isPresent() ? row(picture, rows.orElseThrow(), at++) : row(picture));
    }
  }

  private FeatureRows rows(List<RgbImage> usable, List<Decoded> decoded) {
    FeatureExtractor network = lease.orElseThrow().network();
    try {
      return network.rows(usable);
    } catch (UserError e) {
      throw new UnusablePicturesException(
          "%s This is among samples %d to %d."
              .formatted(
                  e.getMessage(),
                  decoded.get(0).picture().sample(),
                  decoded.get(decoded.size() - 1).picture().sample()));
    }
  }

  private static Row row(Decoded picture) {
    boolean failed = picture.picture().status().equals(FeaturesSchema.FAILED);
    return RowFactory.create(
        picture.picture().sample(),
        picture.picture().classId().orElse(null),
        failed ? FeaturesSchema.FAILED : FeaturesSchema.UNUSABLE,
        picture.error(),
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private Row row(Decoded picture, FeatureRows rows, int at) {
    RgbImage pixels = picture.pixels().orElseThrow();
    long sample = picture.picture().sample();
    boolean isSpatial = spec.pictures().taps() == FeatureSpec.Taps.FEATURES_AND_SPATIAL;
    return RowFactory.create(
        sample,
        picture.picture().classId().orElse(null),
        FeaturesSchema.OK,
        null,
        pixels.width(),
        pixels.height(),
        picture.format(),
        pixels.sha256(),
        FeatureBytes.of(sample, "features", rows.features(at)),
        FeatureBytes.of(sample, "logits", rows.logits(at)),
        isSpatial ? FeatureBytes.of(sample, "spatial features", rows.spatial(at)) : null);
  }

  /** Gives the network back; does nothing the second time. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      decoding.ifPresent(ExecutorService::shutdownNow);
      lease.ifPresent(FeatureRegistry.Lease::close);
    }
  }
}
