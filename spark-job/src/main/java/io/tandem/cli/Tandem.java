package io.tandem.cli;

import io.tandem.base.UserError;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code tandem}: picks the subcommand and turns what goes wrong into exit codes. */
@Command(
    name = "tandem",
    description = "Images from VAR models and collaborative decoding (CoDe), from the JVM alone.",
    versionProvider = Tandem.Version.class,
    subcommands = {
      DecodeCommand.class,
      TrainCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      KernelsCommand.class,
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:usage: unknown or missing options",
      "2:the input is at fault; a message says what to change",
      "3:a fault of Tandem or a failed job",
      "4:finished with failed samples",
      "5:interrupted, can be resumed",
    },
    footerHeading = "%n",
    footer = "tandem <command> --help lists the options of a command.")
@SuppressWarnings("unused") // fields of options that picocli or ConfigFile reads, not this class
public final class Tandem implements Runnable {

  private static final String STACK_TRACE = "--stacktrace";

  @Spec private CommandSpec spec;

  @Option(
      names = ConfigFile.OPTION,
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = {
        "HOCON file with defaults of options; its keys are option names without the dashes. Options"
            + " on the command line win."
      })
  private String config;

  @Option(
      names = STACK_TRACE,
      scope = ScopeType.INHERIT,
      description = "Show where a message about the input comes from.")
  private boolean stackTrace;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version and exit.")
  private boolean version;

  Tandem() {}

  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  /**
   * Runs a command and returns its exit code.
   *
   * @param out takes results
   * @param err takes messages and progress
   */
  static int run(PrintStream out, PrintStream err, String... args) {
    PrintWriter results = new PrintWriter(out, true, StandardCharsets.UTF_8);
    PrintWriter messages = new PrintWriter(err, true, StandardCharsets.UTF_8);
    CommandLine commands = new CommandLine(new Tandem());
    commands.setOut(results);
    commands.setErr(messages);
    commands.setParameterExceptionHandler((failure, parsed) -> explainUsage(failure, parsed));
    commands.setExecutionExceptionHandler(
        (failure, command, parsed) -> explain(failure, messages, args));
    try {
      commands.setDefaultValueProvider(ConfigFile.named(args, commands));
    } catch (UserError e) {
      return explain(e, messages, args);
    }
    int exitCode = commands.execute(args);
    results.flush();
    messages.flush();
    return exitCode;
  }

  private static int explainUsage(ParameterException failure, String[] args) {
    PrintWriter messages = failure.getCommandLine().getErr();
    if (failure.getCause() instanceof UserError error) {
      return explain(error, messages, args);
    }
    messages.println(failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, messages);
    messages.printf(
        "Run '%s --help' for the options.%n",
        failure.getCommandLine().getCommandSpec().qualifiedName());
    return ExitCode.USAGE;
  }

  /** What a command threw may be wrapped once by picocli, if it is no exception but an error. */
  private static int explain(Throwable failure, PrintWriter messages, String... args) {
    Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
    boolean isInput = cause instanceof UserError;
    if (isInput) {
      messages.println(cause.getMessage());
    }
    if (!isInput || List.of(args).contains(STACK_TRACE)) {
      cause.printStackTrace(messages);
    }
    return isInput ? ExitCode.INPUT : ExitCode.FAULT;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /** The version that the manifest of the jar states. */
  static final class Version implements IVersionProvider {

    /** Returns the version, {@code development} outside a jar. */
    static String text() {
      String version = Tandem.class.getPackage().getImplementationVersion();
      return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {"Tandem " + text()};
    }
  }
}
