package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tandem.dataset.ShapeImages;
import io.tandem.image.ImageFile;
import io.tandem.image.PngCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings from pictures to models that decode, in models so small that a step takes no time. */
class TrainCommandIT {

  private static final List<String> TOKENIZER =
      List.of(
          "train",
          "tokenizer",
          "--multipliers=1,1",
          "--scales=1,2,4",
          "--codes=16",
          "--code-channels=4",
          "--batch-size=4",
          "--learning-rate=1e-3",
          "--precision=fp32");

  @TempDir Path folder;

  @Test
  void trainsATokeniserAndTransformersThatDecode() throws IOException {
    Path pictures = pictures();
    Path out = folder.resolve("run");
    List<String> images = List.of("--images=" + pictures, "--out=" + out);
    List<String> always = List.of("--checkpoint-minutes=0", "--picture-minutes=0");

    assertDone(tandem(TOKENIZER, images, always, List.of("--steps=3")));
    Path vae = out.resolve("tokenizer.safetensors");
    List<String> transformer =
        List.of("--vae=" + vae, "--batch-size=4", "--learning-rate=1e-3", "--precision=fp32");
    assertDone(
        tandem(
            List.of("train", "var", "--depth=1", "--width=64", "--shared-adaln", "--steps=4"),
            List.of("--all-scales-every=2", "--coarse-scales=2", "--coarse-batch-size=6"),
            transformer,
            images,
            always));
    Path var = out.resolve("var.safetensors");
    assertDone(
        tandem(
            List.of("train", "drafter", "--from=" + var, "--draft-scales=2", "--steps=2"),
            transformer,
            images));
    Path drafter = out.resolve("drafter.safetensors");
    assertDone(
        tandem(
            List.of("train", "refiner", "--from=" + var, "--teacher=" + drafter, "--two-stage"),
            List.of("--draft-scales=2", "--steps=2", "--kl-direction=student-teacher"),
            transformer,
            images));
    Ran again = tandem(TOKENIZER, images, always, List.of("--steps=3"));
    Ran decoded =
        Ran.tandem(
            "decode",
            "--drafter=" + drafter,
            "--refiner=" + out.resolve("refiner.safetensors"),
            "--draft-scales=2",
            "--vae=" + vae,
            "--labels=0-2",
            "--precision=fp32",
            "--out=" + folder.resolve("decoded"));

    assertThat(names(out))
        .contains("run.json", "tokens", "tokenizer-000001.png", "var-000002.png")
        .contains("tokenizer.json", "var.json", "drafter.json", "refiner.json")
        .contains("tokenizer.png", "var.png", "drafter.png", "refiner.png")
        .noneMatch(name -> name.endsWith(".state.safetensors") || name.endsWith(".tmp"));
    assertThat(names(out.resolve("train")))
        .contains("tokenizer-000000001-000000001.parquet", "refiner-000000001-000000002.parquet");
    // three classes in four rows
    assertThat(ImageFile.read(out.resolve("var.png")).width()).isEqualTo(8 + 3 * 16);
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).endsWith("tokenizer: done before, see '%s'%n".formatted(vae));
    assertDone(decoded);
    assertThat(folder.resolve("decoded/2_2.png")).isNotEmptyFile();
  }

  private Path pictures() throws IOException {
    Path set = folder.resolve("pictures");
    ShapeImages shapes = ShapeImages.of(3, 16, 60);
    for (int i = 0; i < 60; i++) {
      Path group = Files.createDirectories(set.resolve("class" + i % 3));
      Files.write(group.resolve("%02d.png".formatted(i)), PngCodec.encode(shapes.image(i)));
    }
    return set;
  }

  @Test
  void endsWithTheSameWeightsWhereverItWasStopped() throws IOException {
    List<String> shapes = List.of("--images=shapes", "--shapes-count=20", "--steps=4");
    Path whole = folder.resolve("whole");
    Path broken = folder.resolve("broken");

    assertDone(tandem(TOKENIZER, shapes, List.of("--out=" + whole)));
    for (int step = 1; step <= 3; step++) {
      // with pictures in between, which must change nothing
      Ran part =
          tandem(
              TOKENIZER, shapes, List.of("--minutes=0", "--picture-minutes=0", "--out=" + broken));
      assertThat(part.exitCode()).isEqualTo(5);
      assertThat(part.out())
          .endsWith(
              "tokenizer: stopped after step %d of 4; the same command goes on from there%n"
                  .formatted(step));
      assertThat(broken.resolve("tokenizer.safetensors")).doesNotExist();
    }
    assertDone(tandem(TOKENIZER, shapes, List.of("--minutes=0", "--out=" + broken)));

    assertThat(broken.resolve("tokenizer.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("tokenizer.safetensors"));
    assertThat(names(broken.resolve("train")))
        .containsExactly(
            "tokenizer-000000001-000000001.parquet",
            "tokenizer-000000002-000000002.parquet",
            "tokenizer-000000003-000000003.parquet",
            "tokenizer-000000004-000000004.parquet");
  }

  @Test
  void writesACheckpointWhenItIsTerminated() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    Process training =
        jvm(List.of(), TOKENIZER, List.of("--images=shapes", "--steps=1000000", "--out=" + out));
    try {
      // the first line of progress comes after the first step
      assertThat(training.errorReader().readLine()).startsWith("tokenizer: 1 of 1000000 steps");

      training.destroy();

      assertThat(training.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(training.exitValue()).isEqualTo(5);
      assertThat(names(out)).containsExactly("run.json", "tokenizer.state.safetensors", "train");
    } finally {
      training.destroyForcibly();
    }
  }

  /** The shell limits files to a few blocks, as a full disk would. */
  @Test
  void keepsTheLastCheckpointWhenTheDiskIsFull() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    assertThat(
            tandem(
                    TOKENIZER,
                    List.of("--images=shapes", "--steps=9", "--minutes=0", "--out=" + out))
                .exitCode())
        .isEqualTo(5);
    Path state = out.resolve("tokenizer.state.safetensors");
    byte[] before = Files.readAllBytes(state);

    Process training =
        jvm(
            List.of("bash", "-c", "ulimit -f 1000; exec \"$0\" \"$@\""),
            TOKENIZER,
            List.of("--images=shapes", "--steps=9", "--out=" + out));

    assertThat(training.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(new String(training.getErrorStream().readAllBytes()))
        .endsWith(
            ("Cannot write weights to '%s': File too large. Check the folder" + " and its space.%n")
                .formatted(state));
    assertThat(training.exitValue()).isEqualTo(2);
    assertThat(state).hasBinaryContent(before);
    assertThat(names(out)).noneMatch(name -> name.endsWith(".tmp"));
  }

  private static Process jvm(List<String> shell, List<String> command, List<String> more)
      throws IOException {
    List<String> args = new ArrayList<>(shell);
    args.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    args.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
    args.add(System.getProperty("java.class.path"));
    args.add(Tandem.class.getName());
    args.addAll(command);
    args.addAll(more);
    return new ProcessBuilder(args).start();
  }

  @SafeVarargs
  private static Ran tandem(List<String>... parts) {
    List<String> args = new ArrayList<>();
    for (List<String> part : parts) {
      args.addAll(part);
    }
    return Ran.tandem(args.toArray(String[]::new));
  }

  private static void assertDone(Ran ran) {
    assertThat(ran.exitCode()).as(ran.err()).isZero();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(".lock"))
          .sorted()
          .toList();
    }
  }
}
