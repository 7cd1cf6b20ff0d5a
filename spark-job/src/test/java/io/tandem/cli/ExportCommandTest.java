package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.fault.DamagedFile;
import io.tandem.image.ImageCodec;
import io.tandem.image.ImageFile;
import io.tandem.npz.NpzFile;
import io.tandem.table.WrittenRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportCommandTest {

  private static final int IMAGES = 40;
  private static final int PIXELS = 3 * 8 * 8;

  @TempDir Path folder;

  private Path run;
  private Path out;

  @BeforeEach
  void places() {
    run = folder.resolve("run");
    out = folder.resolve("out");
  }

  @ParameterizedTest
  @EnumSource(names = {"PNG", "RAW"})
  void npzHoldsThePicturesInTheOrderOfSamples(ImageCodec stored) throws IOException {
    WrittenRun made = new WrittenRun(run).codec(stored).write(IMAGES, 12);

    Ran ran = export("npz");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    try (NpzFile npz = NpzFile.open(out)) {
      assertThat(npz.names()).containsExactly("arr_0", "arr_1");
      assertThat(npz.array("arr_0").shape()).containsExactly((long) IMAGES, 8L, 8L, 3L);
      byte[] pixels = npz.array("arr_0").toBytes();
      for (int i = 0; i < IMAGES; i++) {
        assertThat(Arrays.copyOfRange(pixels, i * PIXELS, (i + 1) * PIXELS))
            .as("sample %d", i)
            .isEqualTo(made.picture(i).rgb());
      }
      assertThat(npz.array("arr_1").toLongs())
          .containsExactly(IntStream.range(0, IMAGES).mapToLong(made::classOf).toArray());
    }
    assertThat(ran.out())
        .contains("exported   40 pictures of run " + WrittenRun.RUN_ID + " as npz in ")
        .contains("classes    3, 13 to 14 pictures each")
        .contains("place      " + out);
  }

  @Test
  void theFirstImagesAreThoseOfALongerExport() throws IOException {
    WrittenRun made = new WrittenRun(run).uncommitted(2, 3).write(IMAGES, 12);

    Ran ran = export("npz", "--images", "24");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    try (NpzFile npz = NpzFile.open(out)) {
      byte[] pixels = npz.array("arr_0").toBytes();
      assertThat(pixels).hasSize(24 * PIXELS);
      assertThat(Arrays.copyOfRange(pixels, 23 * PIXELS, 24 * PIXELS))
          .isEqualTo(made.picture(23).rgb());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PNG", "RAW"})
  void aFolderHoldsAFileForEachSample(ImageCodec stored) throws IOException {
    WrittenRun made = new WrittenRun(run).codec(stored).write(IMAGES, 12);

    Ran ran = export("png");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    List<String> names = names(out);
    assertThat(names).hasSize(IMAGES).startsWith("000000000-0-star.png", "000000001-1-ring.png");
    for (int i = 0; i < IMAGES; i++) {
      assertThat(ImageFile.read(out.resolve(names.get(i)))).isEqualTo(made.picture(i));
    }
  }

  @Test
  void picturesStoredAsJpegLeaveAsPng() throws IOException {
    new WrittenRun(run).codec(ImageCodec.JPEG).side(16).write(6, 12);

    assertThat(export("png").exitCode()).isZero();

    assertThat(names(out)).hasSize(6);
    assertThat(Files.readAllBytes(out.resolve("000000000-0-star.png")))
        .startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void shardsHoldThreeFilesForEachSample() throws IOException {
    WrittenRun made = new WrittenRun(run).write(IMAGES, 12);

    Ran ran = export("webdataset", "--shard-images", "16");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(names(out))
        .containsExactly("images-000000.tar", "images-000001.tar", "images-000002.tar");
    Map<String, byte[]> first = Tars.files(out.resolve("images-000000.tar"));
    Map<String, byte[]> last = Tars.files(out.resolve("images-000002.tar"));
    assertThat(first).hasSize(3 * 16);
    assertThat(last).hasSize(3 * 8);
    assertThat(new ArrayList<>(first.keySet()).subList(0, 4))
        .containsExactly("000000000.png", "000000000.cls", "000000000.json", "000000001.png");
    assertThat(ImageFile.decode(last.get("000000039.png"), "39")).isEqualTo(made.picture(39));
    assertThat(text(first.get("000000004.cls"))).isEqualTo("1");
    assertThat(text(first.get("000000004.json")))
        .isEqualTo(
            ("{'sample_index':4,'class_id':1,'class_name':'ring','run_id':'%s',"
                    + "'seed':18446744073709551615,'width':8,'height':8,'pixels_sha256':'%s',"
                    + "'tokens_sha256':'%s'}")
                .replace('\'', '"')
                .formatted(WrittenRun.RUN_ID, made.picture(4).sha256(), "d".repeat(64)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"npz", "png", "webdataset"})
  void theSameRunGivesTheSameBytes(String format) throws IOException {
    new WrittenRun(run).write(IMAGES, 12);
    Path again = folder.resolve("again");

    assertThat(export("--format=" + format, "--shard-images=7").exitCode()).isZero();
    assertThat(export(again, "--format=" + format, "--shard-images=7").exitCode()).isZero();

    assertThat(contents(again)).isEqualTo(contents(out)).isNotEmpty();
  }

  @Test
  void namesOfClassesLeadNowhere() throws IOException {
    new WrittenRun(run)
        .classes("../../x", "<script>alert(1)</script>", "/etc/passwd\0\n", "é".repeat(300))
        .write(4, 4);

    assertThat(export("png").exitCode()).isZero();
    assertThat(export(folder.resolve("shards"), "--format=webdataset").exitCode()).isZero();

    assertThat(names(out))
        .containsExactly(
            "000000000-0-x.png",
            "000000001-1-script_alert_1_script.png",
            "000000002-2-etc_passwd.png",
            "000000003-3.png");
    assertThat(names(folder)).containsExactly("out", "run", "shards");
    assertThat(text(Tars.files(folder.resolve("shards/images-000000.tar")).get("000000000.json")))
        .contains("\"class_name\":\"../../x\"");
  }

  @Test
  void refusesARunWithGaps() throws IOException {
    new WrittenRun(run).failing(5L, 6L, 9L).uncommitted(1, 3).write(IMAGES, 12);

    assertThat(export("npz"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot export '%s': 16 of 40 samples are missing, since their waves are not committed (12 to 23, 36 to 39), and 3 of 40 samples failed (5 to 6, 9; the first one: NaN logits at scale 2). Make them with generate and --retry-failed, export the first ones with --images 5, or leave them out with --allow-failed.%n"
                    .formatted(run)));
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void namesTheFirstOfManyGaps() throws IOException {
    Long[] even = IntStream.range(0, 20).mapToObj(i -> 2L * i).toArray(Long[]::new);
    new WrittenRun(run).failing(even).write(IMAGES, 40);

    assertThat(export("npz").err())
        .isEqualTo(
            "Cannot export '%s': 20 of 40 samples failed (0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and others; the first one: NaN logits at scale 1). Make them with generate and --retry-failed, or leave them out with --allow-failed.%n"
                .formatted(run));
  }

  @Test
  void leavesGapsOutAndListsThem() throws IOException {
    WrittenRun made = new WrittenRun(run).failing(5L, 6L, 9L).uncommitted(1, 3).write(IMAGES, 12);
    Path json = folder.resolve("export.json");

    Ran ran = export("npz", "--allow-failed", "--json", json.toString());

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("exported   21 pictures")
        .contains("left out   16 missing: 12 to 23, 36 to 39")
        .contains("left out   3 failed: 5 to 6, 9");
    assertThat(json).content().contains("\"first\" : 36").contains("\"count\" : 21");
    try (NpzFile npz = NpzFile.open(out)) {
      assertThat(npz.array("arr_0").shape()).first().isEqualTo(21L);
      byte[] pixels = npz.array("arr_0").toBytes();
      assertThat(Arrays.copyOfRange(pixels, 9 * PIXELS, 10 * PIXELS))
          .isEqualTo(made.picture(24).rgb());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refuses(List<String> arguments, String message) throws IOException {
    new WrittenRun(run).write(6, 4);
    Files.writeString(folder.resolve("file"), "precious");
    List<String> before = names(folder);

    Ran ran =
        Ran.tandem(
            Stream.concat(Stream.of("export"), arguments.stream())
                .map(each -> each.replace("FOLDER", folder.toString()))
                .toArray(String[]::new));

    assertThat(ran).isEqualTo(new Ran(2, "", message.replace("FOLDER", folder.toString()) + "\n"));
    assertThat(names(folder)).isEqualTo(before);
  }

  static Stream<Arguments> refuses() {
    return Stream.of(
        wrong(
            "--format=zip",
            "FOLDER/run",
            "FOLDER/out",
            "Cannot export as 'zip' (npz, png, webdataset)"),
        wrong(
            "--format=npz",
            "FOLDER/run",
            "FOLDER/file",
            "Cannot export to 'FOLDER/file': it is there already. Choose another --out, or remove"
                + " it."),
        wrong(
            "--format=png",
            "FOLDER/run",
            "FOLDER/run",
            "Cannot export to 'FOLDER/run': it is there already. Choose another --out, or remove"
                + " it."),
        wrong(
            "--format=webdataset",
            "FOLDER/run",
            "FOLDER/no/such/place",
            "Cannot write 'FOLDER/no/such/place': there is no folder 'FOLDER/no/such'. Make it"
                + " first."),
        wrong(
            "--format=npz",
            "FOLDER/run",
            "s3a://bucket/set.npz",
            "Cannot use --out 's3a://bucket/set.npz': it is an address (a path on a local disk is"
                + " needed)"),
        wrong(
            "--format=npz",
            "FOLDER/nothing",
            "FOLDER/out",
            "Cannot read run 'FOLDER/nothing': there is no such folder (the folder that generate"
                + " wrote to is needed)"),
        wrong(
            "--format=npz",
            "FOLDER/file",
            "FOLDER/out",
            "Cannot read run 'FOLDER/file': it is a file (the folder that generate wrote to is"
                + " needed)"),
        wrong(
            "--format=npz",
            "FOLDER",
            "FOLDER/out",
            "Cannot read run 'FOLDER': there is no run.json in it (the folder that generate wrote"
                + " to is needed)"),
        wrong(
            "--format=npz",
            "alien:/run",
            "FOLDER/out",
            "Cannot read run 'alien:/run': Hadoop knows no file system for 'alien:' (a local path,"
                + " file:, hdfs: or another one whose classes are on the class path)"),
        arguments(
            List.of("--format=npz", "--run=FOLDER/run", "--out=FOLDER/out", "--images=7"),
            "Cannot export 7 images of 'FOLDER/run': it is a run of 6 (1 to 6). Correct --images,"
                + " or make the run longer with generate."),
        arguments(
            List.of("--format=npz", "--run=FOLDER/run", "--out=FOLDER/out", "--images=0"),
            "Cannot export 0 images of 'FOLDER/run': it is a run of 6 (1 to 6). Correct --images,"
                + " or make the run longer with generate."),
        arguments(
            List.of("--format=png", "--run=FOLDER/run", "--out=FOLDER/out", "--shard-images=0"),
            "Cannot make shards of 0 pictures (1 or more). Correct --shard-images."));
  }

  private static Arguments wrong(String format, String run, String out, String message) {
    return arguments(List.of(format, "--run=" + run, "--out=" + out), message);
  }

  @Test
  void refusesARunWithoutPictures() throws IOException {
    new WrittenRun(run).codec(ImageCodec.NONE).write(6, 4);

    assertThat(export("npz").err())
        .isEqualTo(
            "Cannot export '%s': it keeps no pictures (it was made with --image-format none). Make it again with --image-format png.%n"
                .formatted(run));
  }

  @Test
  void refusesARunOfWhichEverySampleFailed() throws IOException {
    new WrittenRun(run).failing(0L, 1L, 2L).write(3, 4);

    assertThat(export("npz", "--allow-failed").err())
        .isEqualTo(
            "Cannot export '%s': none of its samples has a picture. Make some with generate first.%n"
                .formatted(run));
  }

  @Test
  void aDamagedTableLeavesNothingBehind() throws IOException {
    new WrittenRun(run).write(IMAGES, 12);
    Path file = run.resolve("images/wave=2/part-0.parquet");
    DamagedFile.flip(file, Files.size(file) / 2);

    Ran ran = export("npz");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains("Cannot read 'file:" + file + "': it is damaged (")
        .endsWith("tandem verify tells what else is.\n");
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void aFileThatIsGoneIsNamed() throws IOException {
    new WrittenRun(run).write(IMAGES, 12);
    Path file = run.resolve("images/wave=2/part-0.parquet");
    Files.delete(file);

    assertThat(export("png"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot read 'file:%s': a record lists it, and it is not there%n".formatted(file)));
  }

  @Test
  void filesThatNoRecordListsAreNotRead() throws IOException {
    new WrittenRun(run).write(IMAGES, 12);
    Files.writeString(run.resolve("images/wave=1/part-9.parquet"), "half a file");

    assertThat(export("png").exitCode()).isZero();

    assertThat(names(out)).hasSize(IMAGES);
  }

  private Ran export(String format, String... more) {
    String first = format.startsWith("--") ? format : "--format=" + format;
    return export(out, Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
  }

  private Ran export(Path place, String... more) {
    return Ran.tandem(
        Stream.concat(Stream.of("export", "--run=" + run, "--out=" + place), Stream.of(more))
            .toArray(String[]::new));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Map<String, String> contents(Path place) throws IOException {
    Map<String, String> contents = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String digest = WrittenRun.digest(Files.readString(file, StandardCharsets.ISO_8859_1));
        contents.put(place.relativize(file).toString(), digest);
      }
    }
    return contents;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
