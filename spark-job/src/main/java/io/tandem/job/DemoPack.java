package io.tandem.job;

import io.tandem.base.UserError;
import io.tandem.dataset.ShapeImages;
import io.tandem.features.FeatureNetwork;
import io.tandem.features.FeatureRows;
import io.tandem.fid.FeatureMoments;
import io.tandem.fid.StatisticsFile;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorchAlgebra;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.train.TrainedWeights;
import io.tandem.train.TrainingWeights;
import io.tandem.weights.CheckpointKind;
import io.tandem.weights.VarCheckpoint;
import io.tandem.weights.WeightFiles;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * The folder of a demo pack: weights in half precision, reference statistics, {@code pack.json}.
 */
public final class DemoPack {

  static final String TOKENISER = "tokeniser";
  static final String FEATURES = "features";
  static final String REFERENCE = "reference.npz";
  static final String RECORD = "pack.json";

  private static final String SUFFIX = ".safetensors";
  private static final int BATCH = 32;

  private final Path folder;
  private final List<String> files = new ArrayList<>();

  DemoPack(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write the pack to '%s': %s", folder, e);
    }
  }

  /**
   * A file of the pack.
   *
   * @param bytes its size
   * @param sha256 of its content
   */
  public record PackedFile(long bytes, String sha256) {}

  /** Returns where a model of the pack is. */
  public Path weights(String name) {
    return folder.resolve(name + SUFFIX);
  }

  /** Returns where the reference statistics are. */
  public Path reference() {
    return folder.resolve(REFERENCE);
  }

  /** Returns the folder. */
  public Path folder() {
    return folder;
  }

  /**
   * Puts finished weights in, rounded to half precision.
   *
   * @param name in the pack
   * @param file as the stage wrote it
   */
  void add(String name, Path file) {
    try (WeightSource source = WeightFiles.open(file.toString());
        TrainingTensors weights =
            TrainingWeights.load(source, each -> true, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      Map<String, String> header = new TreeMap<>(source.metadata());
      if (CheckpointKind.of(source) == CheckpointKind.TRANSFORMER) {
        TrainedWeights.write(
            weights(name), weights, VarCheckpoint.config(source), NumberFormat.FLOAT16, header);
      } else {
        TrainedWeights.write(weights(name), weights, NumberFormat.FLOAT16, header);
      }
    }
    files.add(name + SUFFIX);
  }

  /** Writes the statistics of pictures of {@code images} by the pack's feature network. */
  void addReference(ShapeImages images, DeviceSpec device, LongConsumer progress) {
    List<float[]> vectors = new ArrayList<>();
    try (WeightSource source = WeightFiles.open(weights(FEATURES).toString());
        FeatureNetwork network = FeatureNetwork.load(source, device)) {
      for (long first = 0; first < images.size(); first += BATCH) {
        List<RgbImage> batch = new ArrayList<>();
        for (long i = first; i < Math.min(images.size(), first + BATCH); i++) {
          batch.add(images.image(i));
        }
        FeatureRows rows = network.rows(batch);
        for (int row = 0; row < rows.count(); row++) {
          vectors.add(rows.features(row));
        }
        progress.accept(vectors.size());
      }
      double[] centre = new double[network.config().features()];
      StatisticsFile.write(
          reference(), FeatureMoments.of(centre, vectors, new LibTorchAlgebra()).statistics());
    }
    files.add(REFERENCE);
  }

  /** Returns size and digest of each file that was put in, in that order. */
  Map<String, PackedFile> files() {
    Map<String, PackedFile> packed = new LinkedHashMap<>();
    for (String name : files) {
      packed.put(name, packed(folder.resolve(name)));
    }
    return packed;
  }

  private static PackedFile packed(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return new PackedFile(Files.size(file), HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash a file: every JVM has SHA-256", e);
    }
  }
}
