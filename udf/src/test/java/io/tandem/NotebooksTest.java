package io.tandem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be told of the notebooks without Python; {@code notebooks/run.sh} runs them. */
class NotebooksTest {

  /** What notebooks may import: the libraries that the README names, and Python's own. */
  private static final Set<String> LIBRARIES =
      Set.of(
          "duckdb",
          "pyarrow",
          "matplotlib",
          "numpy",
          // comes with the kernel
          "IPython",
          // of Python
          "collections",
          "hashlib",
          "io",
          "json",
          "os",
          "pathlib",
          "pickle",
          "zipfile");

  private static final Pattern IMPORT =
      Pattern.compile("^\\s*(?:from\\s+(\\S+)\\s+import\\b|import\\s+([^#]+))");

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void thereIsOneForEachView() throws IOException {
    assertThat(notebooks())
        .extracting(notebook -> notebook.getFileName().toString())
        .containsExactly(
            "00-decode.ipynb",
            "01-images.ipynb",
            "02-latency.ipynb",
            "03-frontier.ipynb",
            "04-spectrum.ipynb");
    assertThat(folder().resolve("run.sh")).isExecutable();
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void isAPythonNotebook(Path notebook) throws IOException {
    JsonNode json = JSON.readTree(notebook.toFile());

    assertThat(json.path("nbformat").asInt()).isEqualTo(4);
    assertThat(json.path("metadata").path("kernelspec").path("name").asText()).isEqualTo("python3");
    assertThat(json.path("cells").path(0).path("cell_type").asText()).isEqualTo("markdown");
    assertThat(json.path("cells").findValuesAsText("id")).isNotEmpty().doesNotHaveDuplicates();
    assertThat(code(json)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void isCommittedWithoutOutputs(Path notebook) throws IOException {
    for (JsonNode cell : code(JSON.readTree(notebook.toFile()))) {
      String id = cell.path("id").asText();
      assertThat(cell.path("outputs").isArray()).as(id).isTrue();
      assertThat(cell.path("outputs")).as(id).isEmpty();
      assertThat(cell.get("execution_count").isNull()).as(id).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void importsWhatTheReadmeNamesAlone(Path notebook) throws IOException {
    Set<String> imported = new TreeSet<>();
    for (JsonNode cell : code(JSON.readTree(notebook.toFile()))) {
      cell.path("source").forEach(line -> imported.addAll(imports(line.asText())));
    }

    assertThat(imported).isNotEmpty().isSubsetOf(LIBRARIES);
  }

  @Test
  void findsImportsOfAllKinds() {
    assertThat(imports("import os")).containsExactly("os");
    assertThat(imports("  import a.b as c, d  # e")).containsExactly("a", "d");
    assertThat(imports("from x.y import z")).containsExactly("x");
    assertThat(imports("important = 1")).isEmpty();
  }

  private static List<String> imports(String line) {
    List<String> names = new ArrayList<>();
    Matcher found = IMPORT.matcher(line);
    if (found.find()) {
      String modules = found.group(1) == null ? found.group(2) : found.group(1);
      for (String module : modules.split(",")) {
        names.add(module.strip().split("[.\\s]")[0]);
      }
    }
    return names;
  }

  private static List<JsonNode> code(JsonNode notebook) {
    List<JsonNode> cells = new ArrayList<>();
    for (JsonNode cell : notebook.path("cells")) {
      if (cell.path("cell_type").asText().equals("code")) {
        cells.add(cell);
      }
    }
    return cells;
  }

  static List<Path> notebooks() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".ipynb")).sorted().toList();
    }
  }

  /** Surefire names the folder of the module. */
  private static Path folder() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("notebooks");
  }
}
