package io.tandem.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultFileSystemTest {

  @TempDir Path scratch;
  private Path root;
  private Path log;

  @BeforeEach
  void makeFolder() throws IOException {
    root = Files.createDirectory(scratch.resolve("root"));
    log = scratch.resolve("log");
    FaultFileSystem.reset();
  }

  @Test
  void isTheLocalFilesUnderAnotherScheme() throws IOException {
    FileSystem files = system(settings());
    write(files, "a/b", "text");

    assertThat(root.resolve("a/b")).hasContent("text");
    assertThat(root.resolve("a")).isDirectoryContaining(path -> path.endsWith("b"));
    assertThat(files.getFileStatus(path("a/b")).getPath()).isEqualTo(path("a/b"));
    assertThat(files.listStatus(path("a"))).hasSize(1);
    assertThat(files.makeQualified(new org.apache.hadoop.fs.Path("/x"))).hasToString("fault:/x");
    try (var in = files.open(path("a/b"))) {
      assertThat(in.readAllBytes()).asString().isEqualTo("text");
    }
  }

  @Test
  void logsEachStepOnce() throws IOException {
    FileSystem files = system(settings());

    files.mkdirs(path("d"));
    write(files, "d/e/f", "text");
    files.rename(path("d/e/f"), path("g"));
    files.delete(path("d"), true);
    files.delete(path("nothing"), false);

    long pid = ProcessHandle.current().pid();
    assertThat(log)
        .content()
        .isEqualTo(
            "P MKDIRS R/d\nP CREATE R/d/e/f\nP WRITE R/d/e/f\nP RENAME R/d/e/f -> R/g\nP DELETE R/d\nP DELETE R/nothing\n"
                .replace("P", String.valueOf(pid))
                .replace("R/", root + "/")
                .replace(pid + "ath", "Path"));
  }

  @Test
  void failsBeforeAndAfterEachKindOfStep() throws IOException {
    for (Operation operation : Operation.values()) {
      for (Moment moment : Moment.values()) {
        FaultFileSystem.reset();
        Configuration settings = settings();
        new Fault(operation, "target", 1, moment, Effect.NO_SPACE).configure(settings);
        FileSystem files = system(settings);
        Path target = root.resolve("target");
        if (operation == Operation.DELETE) {
          Files.createFile(target);
        }
        Files.writeString(root.resolve("source"), "source");

        assertThatThrownBy(() -> step(files, operation))
            .as("%s %s", moment, operation)
            .isInstanceOf(IOException.class)
            .hasMessage("No space left on device");

        boolean isBefore = moment == Moment.BEFORE;
        switch (operation) {
          case CREATE -> assertThat(Files.exists(target)).isEqualTo(!isBefore);
          case WRITE -> assertThat(target).hasContent(isBefore ? "" : "te");
          case RENAME -> assertThat(Files.exists(target)).isEqualTo(!isBefore);
          case DELETE -> assertThat(Files.exists(target)).isEqualTo(isBefore);
          case MKDIRS -> assertThat(Files.isDirectory(target)).isEqualTo(!isBefore);
        }
        assertThat(Files.readString(log))
            .contains(" FAULT NO_SPACE " + moment + " " + operation + " ");
        Files.deleteIfExists(target);
        Files.deleteIfExists(root.resolve("source"));
        step(files, Operation.MKDIRS);
        Files.delete(target);
      }
    }
  }

  @Test
  void countsTheStepsThatFit() throws IOException {
    Configuration settings = settings();
    new Fault(Operation.CREATE, "/b", 2, Moment.BEFORE, Effect.NO_SPACE).configure(settings);
    FileSystem files = system(settings);

    write(files, "a", "");
    write(files, "b1", "");
    write(files, "a", "");
    assertThatThrownBy(() -> write(system(settings), "b2", "")).hasMessageContaining("No space");
    write(files, "b3", "");

    assertThat(root.resolve("b2")).doesNotExist();
    assertThat(root.resolve("b3")).exists();
  }

  @Test
  void aFullDiskStaysFull() throws IOException {
    Configuration settings = settings();
    new Fault(Operation.CREATE, "", 2, Moment.BEFORE, Effect.NO_SPACE_FROM_THEN_ON)
        .configure(settings);
    FileSystem files = system(settings);

    write(files, "a", "");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> write(files, "b", "")).hasMessage("No space left on device");
    }
  }

  @Test
  void aMarkLetsItHappenOnce() throws IOException {
    Configuration settings = settings();
    new Fault(Operation.CREATE, "", 1, Moment.BEFORE, Effect.NO_SPACE).configure(settings);
    Path mark = scratch.resolve("mark");
    FaultFileSystem.onlyOnce(settings, mark);

    assertThatThrownBy(() -> write(system(settings), "a", "")).hasMessageContaining("No space");
    assertThat(mark).exists();
    // as another JVM would
    FaultFileSystem.reset();
    write(system(settings), "a", "");
  }

  @Test
  void renamesAsHdfs() throws IOException {
    FileSystem files = system(settings());
    write(files, "a", "a");
    write(files, "b", "b");
    files.mkdirs(path("d"));

    assertThat(files.rename(path("a"), path("b"))).isFalse();
    assertThat(files.rename(path("a"), path("no/where"))).isFalse();
    assertThat(files.rename(path("a"), path("d"))).isTrue();
    assertThat(files.rename(path("d"), path("e"))).isTrue();

    assertThat(root.resolve("b")).hasContent("b");
    assertThat(root.resolve("e/a")).hasContent("a");
    assertThatThrownBy(() -> files.rename(path("a"), path("c"))).isInstanceOf(IOException.class);
  }

  @Test
  void replacesByWayOfAFileContextAndFailsThereToo() throws IOException {
    Configuration settings = settings();
    new Fault(Operation.RENAME, "-> .*/b$", 2, Moment.BEFORE, Effect.NO_SPACE).configure(settings);
    FileSystem files = system(settings);
    write(files, "a", "a");
    write(files, "b", "b");
    FileContext context = FileContext.getFileContext(files.getUri(), settings);

    context.rename(path("a"), path("b"), Options.Rename.OVERWRITE);

    assertThat(root.resolve("b")).hasContent("a");
    write(files, "a", "again");
    assertThatThrownBy(() -> context.rename(path("a"), path("b"), Options.Rename.OVERWRITE))
        .hasMessage("No space left on device");
    try (FSDataOutputStream out =
        context.create(path("c"), EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent())) {
      out.writeBytes("c");
    }
    assertThat(root.resolve("c")).hasContent("c");
  }

  private void step(FileSystem files, Operation operation) throws IOException {
    switch (operation) {
      case CREATE, WRITE -> write(files, "target", "text");
      case RENAME -> files.rename(path("source"), path("target"));
      case DELETE -> files.delete(path("target"), false);
      case MKDIRS -> files.mkdirs(path("target"));
    }
  }

  private void write(FileSystem files, String name, String content) throws IOException {
    try (FSDataOutputStream out = files.create(path(name), true)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Configuration settings() {
    Configuration settings = new Configuration();
    FaultFileSystem.configure(settings, log);
    return settings;
  }

  private FileSystem system(Configuration settings) throws IOException {
    return path("").getFileSystem(settings);
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path("fault:" + root + (name.isEmpty() ? "" : "/" + name));
  }
}
