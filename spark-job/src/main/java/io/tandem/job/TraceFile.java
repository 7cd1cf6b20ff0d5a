package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.generate.TraceRecorder;
import io.tandem.model.LatentSpace;
import io.tandem.model.NumberFormat;
import io.tandem.npz.NpzArrayWriter;
import io.tandem.npz.NpzWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Writes what a decode gave on its way: {@code tokens_K}, int64 [B, l]; {@code fhat}, float32 [B,
 * Z, S, S]; {@code image}, float32 [B, 3, H, W] in [0, 1]; and, if wanted, {@code logits_K},
 * float32 [B, l, V].
 */
public final class TraceFile implements AutoCloseable {

  /** Part of the heap that a trace may take; the arrays are kept until the last batch. */
  private static final double HEAP_SHARE = 0.6;

  private final LatentSpace latent;
  private final int pixels;
  private final TraceRecorder recorder;
  private final NpzWriter npz;

  private TraceFile(LatentSpace latent, int pixels, TraceRecorder recorder, NpzWriter npz) {
    this.latent = latent;
    this.pixels = pixels;
    this.recorder = recorder;
    this.npz = npz;
  }

  /**
   * What is traced.
   *
   * @param latent of the models
   * @param pixels side of an image
   * @param images number of images, padding included
   * @param logits whether they are kept
   */
  public record Scope(LatentSpace latent, int pixels, int images, TraceRecorder.Logits logits) {

    /** Returns the bytes of all arrays on the heap. */
    long bytes() {
      long map = (long) latent.channels() * square(latent.schedule().finestSide());
      long numbers = map + 3 * square(pixels);
      if (logits == TraceRecorder.Logits.KEPT) {
        numbers += (long) latent.vocabulary() * latent.schedule().totalTokens();
      }
      return images * numbers * Float.BYTES;
    }

    private static long square(long side) {
      return side * side;
    }
  }

  /**
   * Begins a trace; the caller closes it.
   *
   * @throws UserError if the file cannot be made, or the heap does not hold the arrays
   */
  public static TraceFile create(Path file, Scope scope) {
    long most = (long) (Runtime.getRuntime().maxMemory() * HEAP_SHARE);
    if (scope.bytes() > most) {
      throw UserError.of(
          "Cannot trace %d images: their arrays have %,d bytes (at most %,d of this heap). Trace"
              + " fewer images, leave --trace-logits out, or enlarge the heap with"
              + " TANDEM_JAVA_OPTS=-Xmx8g.",
          scope.images(), scope.bytes(), most);
    }
    return new TraceFile(
        scope.latent(),
        scope.pixels(),
        new TraceRecorder(scope.latent().schedule().scales(), scope.logits()),
        NpzWriter.create(file));
  }

  /** Returns what watches the batches. */
  public TraceRecorder recorder() {
    return recorder;
  }

  /** Completes the file with the arrays of the images in {@code tokens}. */
  void commit(StoredTokens tokens) {
    int images = tokens.images();
    int side = latent.schedule().finestSide();
    tokens.write(npz);
    write("fhat", recorder.featureMaps(), images, latent.channels(), side, side);
    write("image", recorder.images(), images, 3, pixels, pixels);
    for (int scale = 0; scale < latent.schedule().scales(); scale++) {
      if (!recorder.logits(scale).isEmpty()) {
        int length = latent.schedule().tokens(scale);
        write("logits_" + scale, recorder.logits(scale), images, length, latent.vocabulary());
      }
    }
    npz.commit();
  }

  /** Writes the arrays of all batches as one, without the padding at its end. */
  private void write(String name, List<float[]> batches, long... shape) {
    long missing = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    try (NpzArrayWriter array = npz.array(name, NumberFormat.FLOAT32, shape)) {
      for (float[] batch : batches) {
        array.write(batch.length <= missing ? batch : Arrays.copyOf(batch, (int) missing));
        missing -= Math.min(missing, batch.length);
      }
    }
  }

  @Override
  public void close() {
    npz.close();
  }
}
