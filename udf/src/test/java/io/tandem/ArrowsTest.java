package io.tandem;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom: scans the main sources of both modules for imports and for names written in
 * full, and compares them with the two tables below. A new package or library is entered here
 * first.
 */
class ArrowsTest {

  /** The packages under {@code io.tandem} that each package may use, lowest first. */
  private static final Map<String, Set<String>> PACKAGES =
      Map.ofEntries(
          entry("base", Set.of()),
          entry("model", Set.of("base")),
          entry("npz", Set.of("base", "model")),
          entry("weights", Set.of("base", "model")),
          entry("plan", Set.of("base", "model")),
          entry("metrics", Set.of("base", "model", "plan")),
          entry("image", Set.of("base", "model")),
          entry("dataset", Set.of("base", "model", "npz", "image")),
          entry("fid", Set.of("base", "model", "npz")),
          entry("scores", Set.of("base", "fid")),
          entry("quality", Set.of("base", "model", "image")),
          entry("kernel", Set.of("base", "model", "fid")),
          entry("features", Set.of("base", "model", "weights", "kernel", "image")),
          entry(
              "train",
              Set.of(
                  "base", "model", "weights", "npz", "image", "dataset", "kernel", "sample", "vq")),
          entry("sample", Set.of("base", "model")),
          entry("engine", Set.of("base", "model", "kernel")),
          entry("transformer", Set.of("base", "model", "weights", "kernel")),
          entry("vq", Set.of("base", "model", "weights", "kernel", "image")),
          entry(
              "generate",
              Set.of(
                  "base",
                  "model",
                  "weights",
                  "kernel",
                  "plan",
                  "sample",
                  "metrics",
                  "image",
                  "transformer",
                  "vq",
                  "engine")),
          entry("wave", Set.of("base", "model", "generate")),
          entry("sweep", Set.of("base", "model", "plan", "metrics", "transformer", "generate")),
          entry(
              "registry",
              Set.of(
                  "base",
                  "model",
                  "weights",
                  "kernel",
                  "plan",
                  "transformer",
                  "vq",
                  "engine",
                  "generate",
                  "features")),
          entry(
              "executor",
              Set.of(
                  "base",
                  "model",
                  "weights",
                  "features",
                  "fid",
                  "scores",
                  "plan",
                  "sample",
                  "metrics",
                  "image",
                  "engine",
                  "kernel",
                  "generate",
                  "wave",
                  "registry",
                  "store")),
          entry("store", Set.of()),
          entry("spark", Set.of("base")),
          entry("run", Set.of("base", "model", "plan", "wave", "store")),
          entry(
              "table",
              Set.of(
                  "base",
                  "model",
                  "npz",
                  "image",
                  "dataset",
                  "fid",
                  "scores",
                  "features",
                  "train",
                  "wave",
                  "executor",
                  "run",
                  "store")),
          entry("export", Set.of("base", "model", "npz", "image", "table")),
          entry(
              "job",
              Set.of(
                  "base",
                  "model",
                  "npz",
                  "kernel",
                  "fid",
                  "scores",
                  "features",
                  "quality",
                  "weights",
                  "plan",
                  "sample",
                  "metrics",
                  "image",
                  "vq",
                  "engine",
                  "generate",
                  "dataset",
                  "train",
                  "spark",
                  "wave",
                  "sweep",
                  "executor",
                  "run",
                  "pack",
                  "export",
                  "table")),
          entry(
              "pack",
              Set.of(
                  "base",
                  "model",
                  "npz",
                  "weights",
                  "kernel",
                  "plan",
                  "sample",
                  "metrics",
                  "image",
                  "vq",
                  "generate",
                  "dataset",
                  "features",
                  "fid",
                  "quality")),
          entry(
              "report",
              Set.of(
                  "base", "model", "weights", "kernel", "plan", "metrics", "train", "sweep", "job",
                  "run", "table", "pack")),
          entry(
              "cli",
              Set.of(
                  "base",
                  "model",
                  "npz",
                  "weights",
                  "kernel",
                  "plan",
                  "sample",
                  "metrics",
                  "image",
                  "transformer",
                  "vq",
                  "engine",
                  "generate",
                  "wave",
                  "sweep",
                  "executor",
                  "features",
                  "run",
                  "spark",
                  "train",
                  "job",
                  "pack",
                  "export",
                  "report")));

  /** The packages that may use each library; of two entries that fit, the longer one counts. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.ofEntries(
          entry("ai.djl", Set.of("kernel")),
          entry("com.codahale.metrics", Set.of("executor")),
          entry("com.sun.jna", Set.of("kernel")),
          entry("com.sun.management", Set.of("engine")),
          entry("com.fasterxml.jackson", Set.of("weights", "job", "run", "export")),
          entry("com.typesafe.config", Set.of("cli")),
          entry("org.apache.hadoop", Set.of("spark", "table", "executor", "run", "store")),
          entry("org.apache.parquet", Set.of("table")),
          entry("org.apache.spark", Set.of("spark", "table", "executor")),
          entry("picocli", Set.of("cli")),
          entry("org.slf4j", PACKAGES.keySet()),
          entry("scala", Set.of("table")),
          entry("java", PACKAGES.keySet()),
          entry("java.awt", Set.of("image", "dataset")),
          entry("javax", Set.of("image")));

  private static final Pattern IMPORT =
      Pattern.compile("^import\\s+(?:static\\s+)?((?:[a-z]\\w*\\.)+)(?:[A-Z]|\\*)");

  private static final Pattern FULL_NAME =
      Pattern.compile(
          "(?<![\\w.])((?:ai|com|io|java|javax|jdk|net|org|picocli|sun)\\.(?:[a-z]\\w*\\.)*)[A-Z]");

  private static final Pattern COMMENT_OR_LITERAL =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\\n]*|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\])+'",
          Pattern.DOTALL);

  @Test
  void everyArrowIsAllowed() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources()) {
      faults.addAll(forbiddenArrows(shown(file), Files.readString(file)));
    }

    assertThat(faults).isEmpty();
  }

  @Test
  void everyPackageIsDescribedAndLivesInOneModule() throws IOException {
    Map<String, Set<String>> modules = new TreeMap<>();
    Set<String> undescribed = new TreeSet<>();
    for (Path file : sources()) {
      Path folder = file.getParent();
      String module = root().relativize(folder).getName(0).toString();
      modules.computeIfAbsent(folder.getFileName().toString(), k -> new TreeSet<>()).add(module);
      if (!Files.exists(folder.resolve("package-info.java"))) {
        undescribed.add(shown(folder));
      }
    }

    assertThat(undescribed).as("packages without package-info.java").isEmpty();
    assertThat(modules).allSatisfy((name, homes) -> assertThat(homes).as(name).hasSize(1));
    assertThat(modules.get("base")).containsExactly("udf");
  }

  @Test
  void theTableHasNoCircle() {
    Set<String> settled = new TreeSet<>();
    while (settled.addAll(
        PACKAGES.keySet().stream().filter(p -> settled.containsAll(PACKAGES.get(p))).toList())) {}

    assertThat(settled).isEqualTo(new TreeSet<>(PACKAGES.keySet()));
  }

  @Test
  void namesFileLineAndArrow() {
    String source =
        """
        package io.tandem.plan;

        import static io.tandem.base.Checks.check;

        import ai.djl.pytorch.jni.IValue;
        import io.tandem.kernel.*;
        import org.junit.jupiter.api.Test;

        /** As in {@link io.tandem.cli.Tandem}. */
        final class Probe {
          // not io.tandem.cli.Tandem either
          String name = "io.tandem.cli.Tandem";
          Object o = new io.tandem.vq.Codebook(picocli.CommandLine.Help.Ansi.AUTO);
        }
        """;

    assertThat(forbiddenArrows("Probe.java", source))
        .containsExactly(
            "Probe.java:5: plan -> ai.djl (allowed from [kernel])",
            "Probe.java:6: plan -> kernel (plan may use [base, model])",
            "Probe.java:7: plan -> org.junit.jupiter.api (in no table of ArrowsTest)",
            "Probe.java:13: plan -> vq (plan may use [base, model])",
            "Probe.java:13: plan -> picocli (allowed from [cli])");
  }

  @Test
  void namesPackagesThatAreInNoTable() {
    assertThat(forbiddenArrows("Probe.java", "package io.tandem.util;\n"))
        .containsExactly("Probe.java:1: io.tandem.util is in no table of ArrowsTest");
  }

  private static List<String> forbiddenArrows(String file, String source) {
    List<String> faults = new ArrayList<>();
    String[] lines = withoutCommentsAndLiterals(source).split("\n", -1);
    String from = "";
    for (int i = 0; i < lines.length; i++) {
      String at = file + ":" + (i + 1) + ": ";
      if (lines[i].startsWith("package ")) {
        String name = lines[i].substring(8, lines[i].indexOf(';'));
        from = name.replaceFirst("^io\\.tandem\\.", "");
        if (!PACKAGES.containsKey(from)) {
          return List.of(at + name + " is in no table of ArrowsTest");
        }
        continue;
      }
      Matcher use = (lines[i].startsWith("import ") ? IMPORT : FULL_NAME).matcher(lines[i]);
      while (use.find()) {
        String to = use.group(1).substring(0, use.group(1).length() - 1);
        fault(from, to).ifPresent(fault -> faults.add(at + fault));
      }
    }
    return faults;
  }

  private static Optional<String> fault(String from, String to) {
    if (to.startsWith("io.tandem.")) {
      String target = to.substring("io.tandem.".length());
      Set<String> allowed = PACKAGES.get(from);
      return target.equals(from) || allowed.contains(target)
          ? Optional.empty()
          : Optional.of(from + " -> " + target + " (" + from + " may use " + sorted(allowed) + ")");
    }
    Optional<String> library =
        LIBRARIES.keySet().stream()
            .filter(name -> to.equals(name) || to.startsWith(name + "."))
            .max((a, b) -> a.length() - b.length());
    if (library.isEmpty()) {
      return Optional.of(from + " -> " + to + " (in no table of ArrowsTest)");
    }
    Set<String> allowed = LIBRARIES.get(library.get());
    return allowed.contains(from)
        ? Optional.empty()
        : Optional.of(from + " -> " + library.get() + " (allowed from " + sorted(allowed) + ")");
  }

  private static Set<String> sorted(Set<String> names) {
    return new TreeSet<>(names);
  }

  /** Blanks them out and keeps the line ends, so that lines keep their numbers. */
  private static String withoutCommentsAndLiterals(String source) {
    return COMMENT_OR_LITERAL
        .matcher(source)
        .replaceAll(match -> match.group().replaceAll("[^\\n]+", ""));
  }

  private static List<Path> sources() {
    List<Path> files = new ArrayList<>();
    for (String module : List.of("udf", "spark-job")) {
      Path folder = root().resolve(module).resolve("src/main/java");
      if (Files.isDirectory(folder)) {
        try (Stream<Path> tree = Files.walk(folder)) {
          tree.filter(path -> path.toString().endsWith(".java")).sorted().forEach(files::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    assertThat(files).as("sources under " + root()).hasSizeGreaterThan(10);
    return files;
  }

  private static String shown(Path file) {
    return root().relativize(file).toString();
  }

  /** Surefire names the folder of the module. */
  private static Path root() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
  }
}
