package io.tandem.cli;

import io.tandem.engine.Machine;
import io.tandem.engine.Precisions;
import io.tandem.engine.Processor;
import io.tandem.executor.Examination;
import io.tandem.job.ExamineJob;
import io.tandem.job.JsonFile;
import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.ProductKernel;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.report.Amounts;
import io.tandem.spark.SessionSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem doctor}: what this machine can do, found by trying it. */
@Command(
    name = "doctor",
    description = {
      "Shows what this machine can do: natives, devices, memory, and the precision that --precision"
          + " auto picks, with the reason. With --executors the same of each executor of Spark,"
          + " whose options may follow '--'."
    })
final class DoctorCommand implements Callable<Integer>, SparkCommand {

  @Spec private CommandSpec spec;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the findings for machines.")
  private Path json;

  @Option(
      names = "--executors",
      description = {
        "Look at the executors instead: C library, driver, CUDA, libtorch, memory, folders, device."
      })
  private boolean isOfExecutors;

  private SparkArguments forSpark = SparkArguments.NONE;

  @Override
  public void useSpark(SparkArguments arguments) {
    forSpark = arguments;
  }

  /**
   * The findings.
   *
   * @param software versions
   * @param processor name and instruction sets
   * @param memory of machine and JVM
   * @param threads of one kernel
   * @param kernelSeconds time to load the natives and compile the kernels
   * @param devices those that {@code --device} accepts
   */
  record Findings(
      Versions software,
      Processor processor,
      Memory memory,
      int threads,
      double kernelSeconds,
      List<Device> devices) {}

  /**
   * Versions.
   *
   * @param tandem of Tandem
   * @param java version and vendor
   * @param system operating system
   * @param natives DJL and libtorch
   */
  record Versions(String tandem, String java, String system, String natives) {}

  /**
   * Bytes of memory.
   *
   * @param totalBytes of the machine
   * @param freeBytes of them that tensors can have
   * @param heapBytes that the JVM may take for everything else
   */
  record Memory(long totalBytes, long freeBytes, long heapBytes) {}

  /**
   * A device.
   *
   * @param name as {@code --device} takes it
   * @param freeBytes memory for tensors
   * @param auto what {@code --precision auto} means there
   * @param reason why
   * @param rates measured FLOP per second of products by precision; empty on a GPU
   */
  record Device(
      String name, long freeBytes, Precision auto, String reason, Map<Precision, Double> rates) {}

  @Override
  public Integer call() {
    return isOfExecutors ? examineExecutors() : examineThisMachine();
  }

  private int examineExecutors() {
    ExamineJob.Result result =
        ExamineJob.run(
            SessionSettings.of(Runtime.getRuntime().availableProcessors(), forSpark.settings()));
    if (json != null) {
      JsonFile.write(json, result);
    }
    PrintWriter out = spec.commandLine().getOut();
    for (Examination.Finding finding : result.findings()) {
      print(finding, out);
    }
    line(
        out,
        "Verdict",
        "%d of %d executors examined, %d can decode"
            .formatted(
                result.findings().size(),
                result.executors(),
                result.findings().stream().filter(Examination.Finding::isGood).count()));
    return result.isGood() ? ExitCode.DONE : ExitCode.FAILED_SAMPLES;
  }

  private static void print(Examination.Finding finding, PrintWriter out) {
    line(out, "Executor", finding.executor() + " on " + finding.host());
    line(out, "  system", finding.system());
    line(out, "  natives", finding.natives());
    line(out, "  device", finding.device());
    line(
        out,
        "  memory",
        "%s, %s free for tensors; heap of the JVM up to %s"
            .formatted(
                Amounts.bytes(finding.memory().totalBytes()),
                Amounts.bytes(finding.memory().freeBytes()),
                Amounts.bytes(finding.memory().heapBytes())));
    for (Examination.Folder folder : finding.folders()) {
      line(
          out,
          "  folder",
          "%s for %s, %s free%s"
              .formatted(
                  folder.path(),
                  folder.use(),
                  Amounts.bytes(folder.freeBytes()),
                  folder.isWritable() ? "" : ", CANNOT BE WRITTEN"));
    }
  }

  private int examineThisMachine() {
    Findings findings = examine();
    if (json != null) {
      JsonFile.write(json, findings);
    }
    print(findings, spec.commandLine().getOut());
    return ExitCode.DONE;
  }

  private static Findings examine() {
    long start = System.nanoTime();
    LibTorch.start();
    try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
      ProductKernel.randomSquare(scope, 1, Precision.FP32);
    }
    double kernelSeconds = (System.nanoTime() - start) / 1e9;
    List<Device> devices = new ArrayList<>();
    devices.add(examine(DeviceSpec.CPU));
    for (int gpu = 0; gpu < LibTorch.gpuCount(); gpu++) {
      devices.add(examine(new DeviceSpec(DeviceSpec.Kind.CUDA, gpu)));
    }
    return new Findings(
        new Versions(
            Tandem.Version.text(),
            System.getProperty("java.version") + ", " + System.getProperty("java.vendor"),
            "%s %s, %s"
                .formatted(
                    System.getProperty("os.name"),
                    System.getProperty("os.version"),
                    System.getProperty("os.arch")),
            LibTorch.version()),
        Processor.ofThisMachine(),
        new Memory(
            Machine.totalBytes(),
            Machine.freeBytes(DeviceSpec.CPU),
            Runtime.getRuntime().maxMemory()),
        LibTorch.threads(),
        kernelSeconds,
        devices);
  }

  private static Device examine(DeviceSpec device) {
    Precisions precisions = Precisions.probe(device);
    return new Device(
        device.toString(),
        Machine.freeBytes(device),
        precisions.chosen(),
        precisions.reason(),
        precisions.rates());
  }

  private static void print(Findings findings, PrintWriter out) {
    Memory memory = findings.memory();
    line(out, "Tandem", findings.software().tandem());
    line(out, "Java", findings.software().java());
    line(out, "System", findings.software().system());
    line(
        out,
        "Processor",
        findings.processor().model()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, "
            + String.join(" ", findings.processor().instructionSets()));
    line(
        out,
        "Memory",
        "%s, %s free; heap of the JVM up to %s"
            .formatted(
                Amounts.bytes(memory.totalBytes()),
                Amounts.bytes(memory.freeBytes()),
                Amounts.bytes(memory.heapBytes())));
    line(out, "Natives", findings.software().natives() + ", " + findings.threads() + " threads");
    line(
        out,
        "Kernels",
        String.format(
            Locale.ROOT, "natives loaded, kernels compiled in %.2f s", findings.kernelSeconds()));
    for (Device device : findings.devices()) {
      line(out, "Device", device.name() + ", " + Amounts.bytes(device.freeBytes()) + " free");
      line(out, "  auto", name(device.auto()) + ": " + device.reason());
      if (!device.rates().isEmpty()) {
        line(out, "  rates", rates(device.rates()));
      }
    }
  }

  private static String rates(Map<Precision, Double> rates) {
    return List.of(Precision.values()).stream()
        .filter(rates::containsKey)
        .map(precision -> name(precision) + " " + Amounts.gigaflops(rates.get(precision)))
        .collect(Collectors.joining(", "));
  }

  private static String name(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private static void line(PrintWriter out, String name, String text) {
    out.printf("%-10s %s%n", name, text);
  }
}
