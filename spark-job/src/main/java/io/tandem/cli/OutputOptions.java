package io.tandem.cli;

import static io.tandem.base.Checks.check;

import io.tandem.base.StagedFile;
import io.tandem.base.UserError;
import io.tandem.generate.TraceRecorder;
import io.tandem.image.PixelRounding;
import io.tandem.job.DecodeFolder;
import io.tandem.job.DecodeJob;
import io.tandem.job.DecodeResult;
import io.tandem.job.JsonFile;
import io.tandem.job.SampleOrder;
import io.tandem.job.TraceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of what a decode writes. */
final class OutputOptions {

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = {
        "Folder of the pictures <index>_<class>.png, contact-sheet.png, tokens.npz and decode.json."
      })
  private Path out;

  @Option(names = "--overwrite", description = "Replace files in the folder that no decode made.")
  private boolean overwrite;

  @Mixin private RoundingOption rounding;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Write arrays of what happens on the way: tokens_K, fhat, image (.npz).")
  private Path trace;

  @Option(
      names = "--trace-logits",
      description = "Write the guided logits logits_K to the trace as well.")
  private boolean traceLogits;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings, digests and latencies for machines.")
  private Path json;

  /**
   * Makes sure that something is written, and that a place for it exists.
   *
   * @throws UserError otherwise
   */
  void checkPlaces() {
    check(
        out != null || trace != null || json != null,
        "Cannot decode to nowhere. Pass --out FOLDER, --trace FILE or --json FILE.");
    check(
        trace != null || !traceLogits,
        "Cannot use --trace-logits without --trace, whose file the logits go to");
    if (json != null) {
      try {
        StagedFile.beside(json).close();
      } catch (IOException e) {
        throw UserError.because(e, "Cannot write '%s': %s", json, e);
      }
    }
  }

  /** Returns how decoded values become pixels. */
  PixelRounding rounding() {
    return rounding.value();
  }

  /** Opens the folder for the pictures of {@code order}; the caller closes it. */
  Optional<DecodeFolder> folder(SampleOrder order) {
    return Optional.ofNullable(out).map(folder -> folder(folder, DecodeJob.names(order)));
  }

  private DecodeFolder folder(Path folder, List<String> names) {
    return DecodeFolder.open(
        folder, names, overwrite ? DecodeFolder.Overwrite.ALLOWED : DecodeFolder.Overwrite.REFUSED);
  }

  /** Returns whether the trace holds logits. */
  TraceRecorder.Logits logits() {
    return traceLogits ? TraceRecorder.Logits.KEPT : TraceRecorder.Logits.DROPPED;
  }

  /** Begins the trace; the caller closes it. */
  Optional<TraceFile> trace(TraceFile.Scope scope) {
    return Optional.ofNullable(trace).map(file -> TraceFile.create(file, scope));
  }

  /** Writes {@code result} for machines, if that is wanted. */
  void write(DecodeResult result) {
    if (json != null) {
      JsonFile.write(json, result);
    }
  }

  /** Returns where the results are, in words. */
  String places() {
    StringBuilder places = new StringBuilder();
    for (Path place : new Path[] {out, trace, json}) {
      if (place != null) {
        places.append(places.length() == 0 ? "" : ", ").append(place);
      }
    }
    return places.toString();
  }
}
