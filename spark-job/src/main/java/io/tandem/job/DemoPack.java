package io.tandem.job;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.kernel.TrainingTensors;
import io.tandem.model.DeviceSpec;
import io.tandem.model.NumberFormat;
import io.tandem.train.TrainedWeights;
import io.tandem.train.TrainingWeights;
import io.tandem.weights.CheckpointKind;
import io.tandem.weights.ClassNames;
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
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A folder of models in half precision, with the names that a demo pack gives them. */
final class DemoPack {

  static final String TOKENISER = "tokeniser";
  static final String FEATURES = "features";

  private static final String SUFFIX = ".safetensors";

  private final Path folder;
  private final Map<String, PackedFile> files = new LinkedHashMap<>();

  /** Makes the folder if need be. */
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
  record PackedFile(long bytes, String sha256) {}

  /** Returns the folder. */
  Path folder() {
    return folder;
  }

  /** Returns where a model is. */
  Path weights(String name) {
    return folder.resolve(name + SUFFIX);
  }

  /**
   * Puts finished weights in, rounded to half precision.
   *
   * @param name of the model
   * @param file as the stage wrote it
   * @param classNames for the header of a transformer
   */
  void addRounded(String name, Path file, List<String> classNames) {
    try (WeightSource source = WeightFiles.open(file.toString());
        TrainingTensors weights =
            TrainingWeights.load(source, each -> true, NumberFormat.FLOAT32, DeviceSpec.CPU)) {
      Map<String, String> header = new TreeMap<>(source.metadata());
      if (CheckpointKind.of(source) == CheckpointKind.TRANSFORMER) {
        header.putAll(ClassNames.header(classNames));
        TrainedWeights.write(
            weights(name), weights, VarCheckpoint.config(source), NumberFormat.FLOAT16, header);
      } else {
        TrainedWeights.write(weights(name), weights, NumberFormat.FLOAT16, header);
      }
    }
    list(weights(name));
  }

  /** Puts a copy of {@code file} in, under its own name. */
  void addCopy(Path file) {
    Path target = folder.resolve(file.getFileName());
    try (StagedFile staged = StagedFile.beside(target)) {
      Files.copy(file, staged.path());
      staged.commit();
    } catch (IOException e) {
      throw UserError.because(e, "Cannot write '%s': %s", target, e);
    }
    list(target);
  }

  private void list(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      files.put(
          file.getFileName().toString(),
          new PackedFile(Files.size(file), HexFormat.of().formatHex(digest.digest())));
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read '%s': %s", file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash a file: every JVM has SHA-256", e);
    }
  }

  /** Returns size and digest of each file that was put in, in that order. */
  Map<String, PackedFile> files() {
    return files;
  }

  /** Returns the bytes of all files that were put in. */
  long bytes() {
    return files.values().stream().mapToLong(PackedFile::bytes).sum();
  }
}
