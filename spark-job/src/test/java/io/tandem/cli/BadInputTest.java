package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.engine.Processor;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.kernel.LibTorch;
import io.tandem.model.AdaLn;
import io.tandem.model.LatentSpace;
import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.npz.NpzWriter;
import io.tandem.weights.RandomVarWeights;
import io.tandem.weights.SafetensorsWriter;
import io.tandem.weights.TensorSpec;
import io.tandem.weights.WeightSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user can get wrong: one message, exit code 2, nothing written. */
class BadInputTest {

  private static final String LARGE = "--model=big=" + TinyModels.LARGE;
  private static final String SMALL = "--model=small=" + TinyModels.SMALL;
  private static final String VAE = "--vae=" + TinyModels.VAE;
  private static final String LABEL = "--labels=3";

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refuses(List<String> flags, String message) throws IOException {
    assertThat(decode(flags)).isEqualTo(new Ran(2, "", message + "\n"));
    assertThat(folder).isEmptyDirectory();
  }

  static Stream<Arguments> refuses() {
    return Stream.of(
        plan("big:1-2,small:4", "no model for scale 3 (every scale from 1 to 4 needs one)"),
        plan("big:1-2,small:2-4", "scale 2 has two models, big and small (exactly one is needed)"),
        plan(
            "big:1-2,medium:3-4",
            "no model is named 'medium' (there are big, small). Correct the name, or name a model"
                + " so."),
        plan("big:1-2,small:3-5", "scale 5 is beyond the last one (scales are 1 to 4)"),
        plan(
            "big:1-4",
            "the model 'small' decodes no scale (every named model must be used). Give it scales,"
                + " or leave it out."),
        arguments(
            List.of(LARGE, SMALL, VAE, LABEL),
            "Cannot decode with 2 models: nothing says which of them decodes which scale. Pass"
                + " --plan NAME:1-3,NAME:4 or the like."),
        single(
            List.of("--labels=3,10"),
            "Cannot use --labels '3,10': there is no class 10 (the models know classes 0 to 9)"),
        single(
            List.of("--labels=3,x"),
            "Cannot use --labels '3,x': 'x' is no class (such as 3,7,0 or 0-9)"),
        single(
            List.of("--labels=-1"),
            "Cannot use --labels '-1': '-1' is no class (such as 3,7,0 or 0-9)"),
        single(
            List.of("--images=2", "--classes=8-12"),
            "Cannot use --classes '8-12': there is no class 10 (the models know classes 0 to 9)"),
        single(
            List.of("--images=0"),
            "Cannot make the images of --images 0: that is out of range (1 to 1000000000000)"),
        single(
            List.of(LABEL, "--images=2"),
            "Cannot tell which images to make: 2 of --labels, --images and --per-class are given"
                + " (exactly one is needed)"),
        single(
            List.of(),
            "Cannot tell which images to make: 0 of --labels, --images and --per-class are given"
                + " (exactly one is needed)"),
        single(
            List.of(LABEL, "--guidance=-0.5"),
            "Cannot use guidance -0.5: it is not a number from 0 up (0 turns guidance off, 1.5 is"
                + " usual)"),
        single(
            List.of(LABEL, "--guidance-scales=1-5"),
            "Cannot use guidance scales '1-5': scale 5 is beyond the last one (scales are 1 to 4)"),
        single(
            List.of(LABEL, "--top-p=1.01"),
            "Cannot sample with top-p 1.01 at scale 1: it is not a probability (0 to 1; 0 and 1"
                + " keep every token)"),
        single(
            List.of(LABEL, "--top-k=900:1-3,-1:4"),
            "Cannot sample with top-k -1 at scale 4: it is below 0 (0 keeps every token)"),
        single(
            List.of(LABEL, "--temperature=1.1:1-2,0:3-4"),
            "Cannot sample with temperature 0.0 at scale 3: it is not a number above 0 (1 leaves"
                + " the logits as they are). Pass --greedy to take the most likely tokens."),
        single(
            List.of(LABEL, "--precision=fp64"),
            "Cannot use precision 'fp64' (fp32, bf16, fp16 or auto). Pass --precision auto."),
        single(
            List.of(LABEL, "--device=gpu"),
            "Cannot use device 'gpu' (cpu, cuda or cuda:N). Pass --device cpu or --device cuda:0."),
        single(List.of(LABEL, "--batch-size=0"), "Cannot decode batches of 0 images (at least 1)"),
        single(List.of(LABEL, "--threads=0"), "Cannot use --threads 0 (1 to 1024)"),
        single(
            List.of(LABEL, "--first-index=-1"),
            "Cannot begin with sample -1 (0 or more, and below 2^62)"),
        single(
            List.of(LABEL, "--pixel-rounding=up"),
            "Cannot use --pixel-rounding 'up' (nearest or truncate)"),
        single(
            List.of(LABEL, "--trace-logits"),
            "Cannot use --trace-logits without --trace, whose file the logits go to"),
        single(
            List.of(LABEL, "--trace=/no/such/folder/a.npz"),
            "Cannot write '/no/such/folder/a.npz': there is no folder '/no/such/folder'. Make it"
                + " first."),
        single(
            List.of(LABEL, "--json=/no/such/folder/a.json"),
            "Cannot write '/no/such/folder/a.json': there is no folder '/no/such/folder'. Make it"
                + " first."),
        single(
            List.of(LABEL, "--token-scales=2"),
            "Cannot use --token-scales without --tokens or --encode, where the tokens come from"),
        single(
            List.of(LABEL, "--draft-scales=2"),
            "Cannot use --drafter, --refiner and --draft-scales together with --model or --plan:"
                + " they are short for them. Pass one or the other."),
        arguments(
            List.of("--drafter=random:2", "--draft-scales=4", VAE, LABEL),
            "Cannot decode collaboratively with --drafter 'random:2', --refiner missing and"
                + " --draft-scales '4': all three are needed"),
        arguments(
            List.of(
                "--drafter=" + TinyModels.LARGE,
                "--refiner=" + TinyModels.SMALL,
                "--draft-scales=4",
                VAE,
                LABEL),
            "Cannot split 4 scales between a drafter and a refiner: the drafter would have 4 (1 to"
                + " 3). Plain VAR needs one model only."),
        arguments(
            List.of("--model=random:2", "--vae=random", LABEL),
            "Cannot use --model 'random:2': it is not NAME=MODEL (such as big=random:16)"),
        arguments(
            List.of("--model=big one=random:2", "--vae=random", LABEL),
            "Cannot use --model 'big one=random:2': 'big one' is no name (a letter, then letters,"
                + " digits, _, - or .)"),
        arguments(
            List.of("--model=big=random:2", "--model=big=random:4", "--vae=random", LABEL),
            "Cannot use --model 'big=random:4': the name 'big' is given twice"),
        arguments(
            List.of("--model=big=random:x", "--vae=random", LABEL),
            "Cannot load 'random:x': 'x' is no depth (1 to 99; random:16 has 16 blocks)"),
        arguments(
            List.of("--model=big=demo:none", "--vae=random", LABEL),
            "Cannot load 'demo:none': this build carries no demo model 'none'. Pass a checkpoint"
                + " file or a random model."),
        arguments(
            List.of("--vae=random", LABEL),
            "Cannot decode without a transformer. Pass --model NAME=MODEL, or --drafter, --refiner"
                + " and --draft-scales."),
        arguments(
            List.of("--model=big=random:2", LABEL),
            "Cannot decode without a tokeniser. Pass --vae FILE, --vae random or demo."),
        arguments(
            List.of("--model=big=none.pth", "--vae=random", LABEL),
            "Cannot load weights from 'none.pth': there is no such file (a .pth or .safetensors"
                + " file is needed). Check the path."),
        arguments(
            List.of("--model=big=/", "--vae=random", LABEL),
            "Cannot load weights from '/': it is a directory (a .pth or .safetensors file is"
                + " needed). Name a file in it."),
        arguments(
            List.of("--model=big=" + TinyModels.VAE, VAE, LABEL),
            ("Cannot load a transformer from '%s': it holds a tokeniser (a transformer has tensors"
                    + " such as blocks.0.attn.mat_qkv.weight and head.weight). Use the file of a"
                    + " transformer here.")
                .formatted(TinyModels.VAE)),
        arguments(
            List.of(LARGE, "--vae=" + TinyModels.LARGE, LABEL),
            ("Cannot load a tokeniser from '%s': it holds a transformer (a tokeniser has tensors"
                    + " such as encoder.conv_in.weight and quantize.embedding.weight). Use the file"
                    + " of a tokeniser here.")
                .formatted(TinyModels.LARGE)),
        arguments(
            List.of(LARGE, "--model=small=random:1", "--plan=big:1-2,small:3-4", VAE, LABEL),
            "Cannot combine 'big' and 'small': their scales have the sides [1, 2, 3, 4] and [1, 2,"
                + " 3, 4, 5, 6, 8, 10, 13, 16] (one image needs one schedule). Pass models that"
                + " were trained on the same schedule."));
  }

  private static Arguments plan(String plan, String found) {
    return arguments(
        List.of(LARGE, SMALL, VAE, LABEL, "--plan=" + plan),
        "Cannot use plan '" + plan + "': " + found);
  }

  private static Arguments single(List<String> flags, String message) {
    List<String> all = new ArrayList<>(List.of(LARGE, VAE));
    all.addAll(flags);
    return arguments(all, message);
  }

  @Test
  void refusesModelsOfDifferentVocabularies() throws IOException {
    VarConfig config =
        new VarConfig(
            1,
            64,
            1,
            10,
            AdaLn.PER_BLOCK,
            new LatentSpace(99, 32, new ScaleSchedule(List.of(1, 2, 3, 4))));
    Path file = folder.resolve("other.safetensors");
    try (WeightSource source = RandomVarWeights.of(config, 1);
        SafetensorsWriter writer = SafetensorsWriter.create(file, specs(source), Map.of())) {
      source.names().forEach(name -> writer.write(source.read(name)));
      writer.finish();
    }

    assertThat(
            decode(List.of(LARGE, "--model=o=" + file, "--plan=big:1-2,o:3-4", VAE, LABEL)).err())
        .isEqualTo(
            "Cannot combine 'big' and 'o': their vocabularies have 128 codes of 32 channels and 99"
                + " of 32 (one image needs one vocabulary). Pass models that share a tokeniser.\n");
  }

  private static List<TensorSpec> specs(WeightSource source) {
    return source.names().stream().map(source::spec).toList();
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of(TinyModels.LARGE));
    Path file = Files.write(folder.resolve("cut.pth"), Arrays.copyOf(whole, whole.length / 2));

    Ran ran = decode(List.of("--model=big=" + file, VAE, LABEL));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).startsWith("Cannot load weights from '" + file + "': ");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource
  void refusesAPickleThatNamesCode(String module, String name) throws IOException {
    Path file = folder.resolve("evil.pth");
    Path proof = folder.resolve("executed");
    String pickle =
        "\u0080\u0002c%s\n%s\n(U%ctouch %stR."
            .formatted(module, name, (char) (6 + proof.toString().length()), proof);
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/version", "3\n");
    }

    Ran ran = decode(List.of("--model=big=" + file, VAE, LABEL));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith("Cannot load weights from '" + file + "': ")
        .contains(module + "." + name);
    assertThat(ran.err().lines()).hasSize(1);
    assertThat(proof).doesNotExist();
  }

  static Stream<Arguments> refusesAPickleThatNamesCode() {
    return Stream.of(
        arguments("os", "system"), arguments("builtins", "eval"), arguments("torch.hub", "load"));
  }

  private static void store(ZipOutputStream zip, String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  @Test
  void refusesABatchThatCannotFitAndSaysWhatItNeeds() {
    Ran ran = decode(List.of(LARGE, VAE, LABEL, "--batch-size=1000000"));

    assertThat(ran.exitCode()).isEqualTo(2);
    // caches: 2 layers x 2 x 14 tokens x 128 channels x 4 bytes, for 2 x 1,000,000 rows
    assertThat(ran.err())
        .matches(
            "Cannot decode a batch of 1000000 images: it needs [0-9,]+ bytes \\(weights [0-9,]+,"
                + " caches 57,344,000,000, activations [0-9,]+\\), but there are [0-9,]+\\. Use a"
                + " smaller batch or smaller models\\.\n");
  }

  @Test
  void refusesAGpuThatIsNotThere() {
    Ran ran = decode(List.of(LARGE, VAE, LABEL, "--device=cuda:99"));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith(
            "Cannot use device cuda:99: this process sees %d GPUs with %s (cpu"
                .formatted(LibTorch.gpuCount(), LibTorch.version()))
        .endsWith("). Pass --device cpu, or start with a CUDA build of libtorch and its driver.\n");
  }

  @Test
  void refusesHalfPrecisionOnAProcessorWithoutIt() {
    assumeThat(Processor.ofThisMachine().instructionSets())
        .as("this processor multiplies float16 numbers itself")
        .doesNotContain("avx512_fp16", "amx_fp16");

    Ran ran = decode(List.of(LARGE, VAE, LABEL, "--precision=fp16"));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .matches(
            "Cannot use precision fp16 on this processor: its fp16 products run at [0-9.]+ GFLOP/s"
                + " \\(fp32: [0-9.]+ GFLOP/s\\)\\. Pass --precision auto\\.\n");
  }

  @Test
  void refusesTokensThatDoNotFit() {
    Path file = folder.resolve("tokens.npz");
    try (NpzWriter npz = NpzWriter.create(file)) {
      npz.longs("tokens_0", new long[] {5, 6}, 2, 1);
      npz.longs("tokens_1", new long[] {1, 2, 3, 128, 5, 6, 7, 8}, 2, 4);
      npz.commit();
    }
    String tokens = "--tokens=" + file;

    assertThat(decode(List.of(LARGE, VAE, "--labels=3,4", tokens)).err())
        .isEqualTo("Cannot use token 128 at scale 2 (the codebook has 0 to 127)\n");
    assertThat(decode(List.of(LARGE, VAE, tokens)).err())
        .isEqualTo("Cannot decode on from tokens of unknown classes. Pass --labels.\n");
    assertThat(decode(List.of(LARGE, VAE, LABEL, tokens)).err())
        .isEqualTo(
            "Cannot decode on from the tokens of 2 images: 1 are asked for (as many are needed)\n");
    assertThat(decode(List.of(LARGE, VAE, LABEL, tokens, "--token-scales=3")).err())
        .isEqualTo("Cannot take the tokens of 3 scales (there are 2)\n");
    assertThat(decode(List.of("--vae=none.pth", LABEL, tokens)).err())
        .startsWith("Cannot load weights from 'none.pth': there is no such file");
  }

  @Test
  void refusesPicturesThatCannotBeEncoded() throws IOException {
    Path text = Files.writeString(folder.resolve("a.png"), "no picture");
    Path large = folder.resolve("large.png");
    Files.write(large, PngCodec.encode(RgbImage.of(9, 8, new byte[3 * 9 * 8])));

    assertThat(decode(List.of(VAE, "--encode", "none.png")).err())
        .isEqualTo(
            "Cannot read picture 'none.png': there is no such file (a PNG or JPEG file is needed)\n");
    assertThat(decode(List.of(VAE, "--sides=1,2,3,4", "--encode=" + text)).err())
        .isEqualTo("Cannot read picture '%s': it is neither PNG nor JPEG%n".formatted(text));
    assertThat(decode(List.of(VAE, "--sides=1,2,3,4", "--encode=" + large)).err())
        .isEqualTo(
            "Cannot encode '%s': it has 9 x 8 pixels (8 x 8 are needed). Resize it.%n"
                .formatted(large));
    assertThat(decode(List.of(VAE, "--encode=" + large)).err())
        .isEqualTo(
            ("Cannot encode '%s': no usual schedule is for pictures of side 9 (32 or 64 with this"
                    + " tokeniser). Pass --sides, or the --model whose schedule it is.%n")
                .formatted(large));
    assertThat(decode(List.of(LARGE, VAE, LABEL, "--sides=1,2", "--encode=" + large)).err())
        .isEqualTo(
            "Cannot use --sides but with --encode and without a transformer, which has its own\n");
    assertThat(decode(List.of(VAE, "--tokens=a.npz", "--encode=" + large)).err())
        .isEqualTo("Cannot start from --tokens and --encode at once. Pass one of them.\n");
  }

  /** The option --out is always there, so that a fault would leave something behind. */
  private Ran decode(List<String> flags) {
    List<String> args = new ArrayList<>(List.of("decode"));
    args.addAll(flags);
    args.add("--out=" + folder.resolve("out"));
    if (flags.stream().noneMatch(flag -> flag.startsWith("--precision"))) {
      args.add("--precision=fp32");
    }
    Ran ran = Ran.tandem(args.toArray(String[]::new));
    assertThat(folder.resolve("out")).doesNotExist();
    return ran;
  }
}
