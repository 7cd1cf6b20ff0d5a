package io.tandem.cli;

import io.tandem.job.JsonFile;
import io.tandem.model.AdaLn;
import io.tandem.model.FeatureConfig;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import io.tandem.report.Amounts;
import io.tandem.weights.CheckpointFindings;
import io.tandem.weights.CheckpointKind;
import io.tandem.weights.CheckpointSummary;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tandem inspect}: what is in a checkpoint, also in one that cannot be loaded. */
@Command(
    name = "inspect",
    description = {
      "Shows what is in checkpoints: kind, architecture, parameters, and which tensors are missing,"
          + " extra or misshapen."
    })
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description = {
        "A checkpoint (.pth or .safetensors), random:DEPTH or demo:NAME; random or demo is the"
            + " tokeniser."
      })
  private List<String> models;

  @Option(names = "--digest", description = "Read each file whole and show its SHA-256.")
  private boolean digest;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the findings for machines.")
  private Path json;

  /** All checkpoints, in the order of the command line. */
  record Inspection(List<Checkpoint> checkpoints) {}

  /**
   * One checkpoint.
   *
   * @param origin as the user named it
   * @param sha256 of the file, if wanted
   * @param summary what is in it
   */
  record Checkpoint(String origin, Optional<String> sha256, CheckpointSummary summary) {}

  @Override
  public Integer call() {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (String model : models) {
      try (WeightSource source = open(model)) {
        checkpoints.add(
            new Checkpoint(
                model,
                digest ? Optional.of(source.sha256()) : Optional.empty(),
                CheckpointSummary.of(source)));
      }
    }
    if (json != null) {
      JsonFile.write(json, new Inspection(checkpoints));
    }
    checkpoints.forEach(this::print);
    return ExitCode.DONE;
  }

  private static WeightSource open(String model) {
    boolean isTokeniser = model.equals("random") || model.equals("demo");
    return isTokeniser ? WeightSources.tokeniser(model) : WeightSources.transformer(model);
  }

  private void print(Checkpoint checkpoint) {
    CheckpointSummary summary = checkpoint.summary();
    CheckpointSummary.Contents contents = summary.contents();
    PrintWriter out = spec.commandLine().getOut();
    out.println(checkpoint.origin());
    line("kind", lower(summary.kind()));
    summary.transformer().ifPresent(this::print);
    summary.tokeniser().ifPresent(this::print);
    summary.features().ifPresent(this::print);
    line("tensors", "%,d".formatted(contents.tensors()));
    line("parameters", "%,d".formatted(contents.parameters()));
    line(
        "numbers",
        contents.formats().stream().map(InspectCommand::lower).collect(Collectors.joining(", ")));
    line("size", "%,d bytes (%s)".formatted(contents.bytes(), Amounts.bytes(contents.bytes())));
    checkpoint.sha256().ifPresent(sha256 -> line("sha256", sha256));
    CheckpointFindings findings = summary.findings();
    findings.missing().forEach(text -> line("missing", text));
    findings.extra().forEach(text -> line("extra", text));
    findings.misshapen().forEach(text -> line("misshapen", text));
    if (findings.isEmpty() && summary.kind() != CheckpointKind.UNKNOWN) {
      line("complete", "yes");
    }
  }

  private void print(VarConfig config) {
    line("depth", config.depth());
    line("width", config.width());
    line("heads", config.heads());
    line("classes", config.classes());
    line("sides", config.schedule());
    line(
        "vocabulary",
        "%d codes of %d channels"
            .formatted(config.latent().vocabulary(), config.latent().channels()));
    line("AdaLN", config.adaLn() == AdaLn.SHARED ? "shared" : "per block");
  }

  private void print(VqConfig config) {
    line("channels", config.baseChannels() + " x " + config.multipliers());
    line(
        "vocabulary",
        "%d codes of %d channels".formatted(config.vocabulary(), config.codeChannels()));
    line("blocks", config.residualBlocks() + " per level");
    line("smoothing", config.residualConvolutions() + " convolutions");
    line("pixels", config.pixelsPerCell() + " per cell and axis");
  }

  private void print(FeatureConfig config) {
    line("features", config.features());
    line("classes", config.classes());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private void line(String name, Object value) {
    spec.commandLine().getOut().printf("  %-10s %s%n", name, value);
  }
}
