package io.tandem.cli;

import io.tandem.base.UserError;
import io.tandem.spark.Redaction;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code tandem}: picks the subcommand and turns what goes wrong into exit codes. */
@Command(
    name = "tandem",
    description = "Images from VAR models and collaborative decoding (CoDe), from the JVM alone.",
    versionProvider = Tandem.Version.class,
    subcommands = {
      GenerateCommand.class,
      SweepCommand.class,
      EvaluateCommand.class,
      ReferenceCommand.class,
      VerifyCommand.class,
      ExportCommand.class,
      ReportCommand.class,
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
    footer = {
      "tandem <command> --help lists the options of a command.",
      "Commands that run Spark take its options after '--', in the spelling of spark-submit."
    })
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
    return run(new CommandLine(new Tandem()), out, err, args);
  }

  /** Runs one of {@code commands}. */
  static int run(CommandLine commands, PrintStream out, PrintStream err, String... args) {
    Optional<SparkArguments> forSpark;
    Redaction redaction;
    try {
      forSpark = SparkArguments.after(args);
      redaction = redaction(forSpark.orElse(SparkArguments.NONE));
    } catch (UserError e) {
      return explain(e, writer(err, Redaction.of(Map.of())), args);
    }
    PrintWriter results = writer(out, redaction);
    PrintWriter messages = writer(err, redaction);
    String[] own = SparkArguments.before(args);
    commands.setOut(results);
    commands.setErr(messages);
    commands.setExecutionExceptionHandler(
        (failure, command, parsed) -> explain(failure, messages, own));
    commands.setExecutionStrategy(
        parsed -> {
          forSpark.ifPresent(arguments -> hand(arguments, parsed));
          return new RunLast().execute(parsed);
        });
    try {
      ConfigFile file = ConfigFile.named(own, commands);
      commands.setDefaultValueProvider(file);
      commands.setParameterExceptionHandler(
          (failure, parsed) ->
              file.complaint(failure)
                  .map(complaint -> explain(complaint, messages, own))
                  .orElseGet(() -> explainUsage(failure, parsed)));
    } catch (UserError e) {
      return explain(e, messages, own);
    }
    int exitCode;
    try {
      exitCode = commands.execute(own);
    } catch (Error e) { // of the JVM or a library; picocli handles exceptions alone
      exitCode = explain(e, messages, own);
    }
    results.flush();
    messages.flush();
    return exitCode;
  }

  private static void hand(SparkArguments arguments, ParseResult parsed) {
    List<CommandLine> chosen = parsed.asCommandLineList();
    CommandLine command = chosen.get(chosen.size() - 1);
    if (!(command.getCommand() instanceof SparkCommand spark)) {
      throw new ParameterException(
          command,
          "Cannot pass arguments to Spark after '--': '%s' does not run it."
              .formatted(command.getCommandSpec().qualifiedName()));
    }
    spark.useSpark(arguments);
  }

  /** What spark-submit was given are system properties. */
  private static Redaction redaction(SparkArguments arguments) {
    Map<String, String> settings = new TreeMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("spark.")) {
        settings.put(name, System.getProperty(name, ""));
      }
    }
    settings.putAll(arguments.settings());
    return Redaction.of(settings);
  }

  private static PrintWriter writer(PrintStream stream, Redaction redaction) {
    return new PrintWriter(
        new RedactedWriter(
            new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)), redaction),
        true);
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

  /** What a command threw may be wrapped once by picocli. */
  private static int explain(Throwable failure, PrintWriter messages, String... args) {
    if (isEnding()) {
      messages.println("stopped by a signal");
      return ExitCode.FAULT;
    }
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

  /**
   * Returns whether the JVM is shutting down. Spark then ends before the commands that use it, and
   * their complaints say nothing; the signal decides the exit code.
   */
  private static boolean isEnding() {
    try {
      Runtime.getRuntime().removeShutdownHook(new Thread());
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
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
