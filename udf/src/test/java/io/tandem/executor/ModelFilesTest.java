package io.tandem.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.HopelessException;
import io.tandem.base.Sha256;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.registry.ModelFile;
import io.tandem.registry.WrongWeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {

  private static final byte[] WEIGHTS = "not really weights".getBytes();

  @TempDir Path folder;
  private Path cache;
  private Path original;
  private ModelFiles files;

  @BeforeEach
  void make() throws IOException {
    cache = folder.resolve("deep/cache");
    original = Files.write(folder.resolve("big.pth"), WEIGHTS);
    files = new ModelFiles(cache, FarFiles.settings());
    FarFiles.OPENED.set(0);
  }

  @Test
  void whatIsHereOrMadeHereStaysAsItIs() {
    for (String origin : List.of("random:4", "demo:refiner", "random", "demo", "" + original)) {
      assertThat(files.locate(model(origin)))
          .isEqualTo(new ModelFile("big", origin, Sha256.of(WEIGHTS)));
    }
    assertThat(files.locate(model(original.toUri().toString())).location())
        .isEqualTo(original.toString());
    assertThat(cache).doesNotExist();
  }

  @Test
  void knowsWhatIsRemote() {
    assertThat(Stream.of("hdfs://host:8020/a.pth", "s3a://bucket/a.pth", "far:/a.pth"))
        .allMatch(ModelFiles::isRemote);
    assertThat(Stream.of("a.pth", "/a.pth", "file:/a.pth", "file:///a.pth", "random:4", "demo:x"))
        .noneMatch(ModelFiles::isRemote);
  }

  @Test
  void aFileOfAnotherFileSystemIsCopiedOnce() throws Exception {
    NamedModel model = model("far:" + original);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<ModelFile>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> files.locate(model)));
      }
      for (Future<ModelFile> one : all) {
        assertThat(one.get().location()).isEqualTo(cache + "/" + model.sha256() + ".pth");
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(FarFiles.OPENED).hasValue(1);
    assertThat(cache.resolve(model.sha256() + ".pth")).hasBinaryContent(WEIGHTS);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
        .isEqualTo("rwx------");
    assertThat(names()).containsExactly(model.sha256() + ".lock", model.sha256() + ".pth");
  }

  @Test
  void aCopyThatWasCutIsMadeAgain() throws IOException {
    NamedModel model = model("far:" + original);
    Path copy = Path.of(files.locate(model).location());
    Files.write(copy, new byte[] {1});

    files.locate(model);

    assertThat(copy).hasBinaryContent(WEIGHTS);
  }

  @Test
  void rejectsACopyWithAnotherDigest() throws IOException {
    NamedModel model = model("far:" + original);
    Files.write(original, new byte[] {9});

    assertThatThrownBy(() -> files.locate(model))
        .isInstanceOf(WrongWeightsException.class)
        .hasMessageContaining("'far:" + original + "' is " + Sha256.of(new byte[] {9}))
        .hasMessageContaining("(the run has " + Sha256.of(WEIGHTS) + ")");
    assertThat(names()).containsExactly(model.sha256() + ".lock");
  }

  @Test
  void namesHostAndPathOfAFileThatIsNotHere() {
    for (String origin : List.of(folder + "/none.pth", "far:" + folder + "/none.pth")) {
      assertThatThrownBy(() -> files.locate(model(origin)))
          .isInstanceOf(MissingWeightsException.class)
          .isInstanceOf(HopelessException.class)
          .hasMessage(
              "Cannot decode with 'big' on host "
                  + Machine.host()
                  + ": there is no '"
                  + origin
                  + "' there (the driver found it, with 18 bytes). Put it there on every host, or"
                  + " name it by a URI that all hosts can read.");
    }
  }

  @Test
  void rejectsAFolderThatOthersCanOpen() throws IOException {
    Files.createDirectories(cache);
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> files.locate(model("far:" + original)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(
            "'" + cache + "' is no folder that only this user can open (mode 0700)");
  }

  @Test
  void theDriverCopiesWithoutKnowingTheDigest() throws IOException {
    String first = files.localize("far:" + original);
    String again = files.localize("far:" + original);

    assertThat(Path.of(first)).hasBinaryContent(WEIGHTS);
    assertThat(again).isEqualTo(first);
    assertThat(FarFiles.OPENED).hasValue(1);
    Files.write(original, new byte[] {1, 2});
    assertThat(Path.of(files.localize("far:" + original))).hasBinaryContent(new byte[] {1, 2});
    assertThat(files.localize("random:4")).isEqualTo("random:4");
    assertThatThrownBy(() -> files.localize("far:" + folder + "/none.pth"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot load weights from 'far:" + folder + "/none.pth': there is no such file");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(cache)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static NamedModel model(String origin) {
    return new NamedModel("big", origin, WEIGHTS.length, Sha256.of(WEIGHTS));
  }
}
